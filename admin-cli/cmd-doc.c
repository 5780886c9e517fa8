/* apimctl doc list|get|create|delete: the documents of an API. */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-upload.h"
#include "admin-cli/ctl-view.h"

#include <string.h>

static const CtlColumn columns[] = {
  { "DOCUMENT", "name" },
  { "TYPE", "type" },
  { "SOURCE", "sourceType" },
  { "SUMMARY", "summary" },
  { "URL", "sourceUrl", .wide = TRUE },
  { "VISIBILITY", "visibility", .wide = TRUE },
  { "ID", "documentId", .wide = TRUE },
  { NULL },
};

/* "/apis/ID/documents" of the API. NULL with @error. */
static char *
documents_path (CtlRest *rest, const char *reference, GError **error)
{
  g_autofree char *id = ctl_names_api_id (rest, CTL_PUBLISHER, reference, error);
  return id != NULL ? ctl_server_path ("/apis/{}/documents", id) : NULL;
}

/* The path of the document @name below @path. (nullable): NULL without @error when there is none. */
static char *
document_path (CtlRest *rest, const char *path, const char *name, GError **error)
{
  g_autoptr (JsonArray) rows = ctl_rest_list (rest, CTL_PUBLISHER, path, name, error);
  JsonNode *row = rows != NULL ? ctl_names_match (rows, "name", name, NULL) : NULL;
  if (row == NULL)
    return NULL;
  g_autofree char *id = ctl_names_member (row, "documentId"), *tail = ctl_server_path ("/{}", id);
  return g_strconcat (path, tail, NULL);
}

static void
not_found (const char *reference, const char *name, GError **error)
{
  g_autofree char *hint = g_strdup_printf ("apimctl doc list %s", reference);
  if (*error == NULL)
    ctl_error_set (error, CTL_ERROR_NOT_FOUND, hint, name, "%s has no such document", reference);
}

static int
run_list (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *path = rest != NULL ? documents_path (rest, words[0], error) : NULL;
  g_autoptr (JsonArray) rows = path != NULL ? ctl_rest_list (rest, CTL_PUBLISHER, path, words[0], error) : NULL;
  if (rows != NULL)
    ctl_view_list (call->output, columns, rows);
  return 0;
}

const CtlCommand ctl_cmd_doc_list = {
  .group = "doc",
  .name = "list",
  .summary = "List the documents of an API",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .example = "apimctl doc list Weather/1.0.0",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_list,
};

static const CtlOption get_options[] = {
  { "save", CTL_OPTION_TEXT, FALSE, "FILE", "write its content to a file (or - for stdout)" },
  { NULL },
};

static void
save_content (CtlRest *rest, const char *path, const char *name, const char *file, GError **error)
{
  g_autofree char *content = g_strconcat (path, "/content", NULL);
  CtlRequest request = { .service = CTL_PUBLISHER, .method = "GET", .path = content, .accept = "*/*", .what = name };
  g_autoptr (CtlReply) reply = ctl_rest_send (rest, &request, error);
  if (reply == NULL)
    return;
  if (reply->status == 303)
    ctl_error_set (error, CTL_ERROR_FAILED, NULL, name, "its content is elsewhere: %s",
                   reply->location != NULL ? reply->location : "the server does not say where");
  else
    ctl_upload_save (file, reply->bytes, error);
}

static int
run_get (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 2, 2, error);
  const char *file = ctl_options_text (call->options, "save");
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *all = rest != NULL ? documents_path (rest, words[0], error) : NULL;
  g_autofree char *path = all != NULL ? document_path (rest, all, words[1], error) : NULL;
  if (all != NULL && path == NULL)
    not_found (words[0], words[1], error);
  if (path == NULL)
    return 0;
  if (file != NULL)
    {
      save_content (rest, path, words[1], file, error);
      return 0;
    }
  g_autoptr (JsonNode) document = ctl_rest_get (rest, CTL_PUBLISHER, path, words[1], error);
  if (document != NULL)
    ctl_view_record (call->output, columns, document);
  return 0;
}

const CtlCommand ctl_cmd_doc_get = {
  .group = "doc",
  .name = "get",
  .summary = "Show a document of an API, or save its content",
  .arguments = "NAME/VERSION DOCUMENT",
  .completes = "api doc",
  .example = "apimctl doc get Weather/1.0.0 Guide --save guide.pdf",
  .flags = CTL_COMMAND_REMOTE,
  .options = get_options,
  .run = run_get,
};

static const CtlOption create_options[] = {
  { "type", CTL_OPTION_TEXT, FALSE, "TYPE",
    "howto, samples, public_forum, support_forum or another word; default howto" },
  { "summary", CTL_OPTION_TEXT, FALSE, "TEXT", "what it is about" },
  { "file", CTL_OPTION_TEXT, FALSE, "FILE", "the content, as it is" },
  { "text", CTL_OPTION_TEXT, FALSE, "FILE", "the content, a text to be read on the page" },
  { "url", CTL_OPTION_TEXT, FALSE, "URL", "where it is" },
  { "visibility", CTL_OPTION_TEXT, FALSE, "WHO", "api_level, private or owner_only; default api_level" },
  { NULL },
};

static JsonNode *
describe (CtlCall *call, const char *name, GError **error)
{
  static const char *const types[]
      = { "HOWTO", "SAMPLES", "PUBLIC_FORUM", "SUPPORT_FORUM", "API_MESSAGE_FORMAT", "SWAGGER_DOC", NULL };
  const CtlOptions *options = call->options;
  const char *file = ctl_options_text (options, "file"), *text = ctl_options_text (options, "text");
  const char *url = ctl_options_text (options, "url"), *type = ctl_options_text (options, "type");
  const char *visibility = ctl_options_text (options, "visibility");
  if ((file != NULL) + (text != NULL) + (url != NULL) != 1)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help doc create", name, "say one of --file, --text and --url");
      return NULL;
    }
  g_autofree char *upper = g_ascii_strup (type != NULL ? type : "HOWTO", -1);
  g_autofree char *who = g_ascii_strup (visibility != NULL ? visibility : "API_LEVEL", -1);
  gboolean known = g_strv_contains (types, upper);
  g_autoptr (JsonObject) document = json_object_new ();
  json_object_set_string_member (document, "name", name);
  json_object_set_string_member (document, "type", known ? upper : "OTHER");
  ctl_json_set_text (document, "otherTypeName", known ? NULL : type);
  ctl_json_set_text (document, "summary", ctl_options_text (options, "summary"));
  json_object_set_string_member (document, "sourceType", file != NULL ? "FILE" : text != NULL ? "INLINE" : "URL");
  ctl_json_set_text (document, "sourceUrl", url);
  json_object_set_string_member (document, "visibility", who);
  return json_node_init_object (json_node_alloc (), document);
}

/* Sends the content of the document at @path. */
static void
send_content (CtlCall *call, CtlRest *rest, const char *path, GBytes *body, const char *type, const char *name,
              GError **error)
{
  g_autofree char *content = g_strconcat (path, "/content", NULL);
  g_autofree char *what = g_strconcat ("the content of document ", name, NULL);
  CtlRequest request = {
    .service = CTL_PUBLISHER, .method = "POST", .path = content, .bytes = body, .content_type = type, .what = what
  };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "upload", "uploaded", error);
}

/* The body for --file or --text. (nullable): NULL with @error, or where there is neither. */
static GBytes *
read_content (CtlCall *call, char **type, GError **error)
{
  const char *file = ctl_options_text (call->options, "file"), *text = ctl_options_text (call->options, "text");
  g_autofree char *content = NULL;
  g_autoptr (GError) cause = NULL;
  if (file != NULL)
    return ctl_upload_file ("file", file, type, error);
  if (text == NULL)
    return NULL;
  if (g_file_get_contents (text, &content, NULL, &cause))
    return ctl_upload_field ("inlineContent", content, type);
  ctl_error_set (error, CTL_ERROR_USAGE, NULL, text, "%s", cause->message);
  return NULL;
}

static int
run_create (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 2, 2, error);
  g_autofree char *type = NULL;
  g_autoptr (JsonNode) document = words != NULL ? describe (call, words[1], error) : NULL;
  g_autoptr (GBytes) body = document != NULL ? read_content (call, &type, error) : NULL;
  g_autoptr (CtlRest) rest = document != NULL && *error == NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *all = rest != NULL ? documents_path (rest, words[0], error) : NULL;
  g_autofree char *path = all != NULL ? document_path (rest, all, words[1], error) : NULL;
  if (all == NULL || *error != NULL)
    return 0;
  /* One that is there is brought to what was asked for: so the command can be repeated. */
  g_autofree char *what = g_strdup_printf ("document %s of API %s", words[1], words[0]);
  CtlRequest request = { .service = CTL_PUBLISHER,
                         .method = path != NULL ? "PUT" : "POST",
                         .path = path != NULL ? path : all,
                         .json = document,
                         .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, path != NULL ? "update" : "create",
                                           path != NULL ? "updated" : "created", error);
  if (reply == NULL || ctl_options_flag (call->options, "dry-run"))
    return 0;
  if (path == NULL && reply->json != NULL)
    path = document_path (rest, all, words[1], error);
  if (path != NULL && body != NULL)
    send_content (call, rest, path, body, type, words[1], error);
  if (*error == NULL && reply->json != NULL)
    ctl_view_record (call->output, columns, reply->json);
  return 0;
}

const CtlCommand ctl_cmd_doc_create = {
  .group = "doc",
  .name = "create",
  .summary = "Add a document to an API, or replace it",
  .arguments = "NAME/VERSION DOCUMENT",
  .completes = "api doc",
  .example = "apimctl doc create Weather/1.0.0 Guide --file guide.pdf --summary 'How to begin'\n"
             "apimctl doc create Weather/1.0.0 Forum --url https://forum.example.com --type public_forum",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = create_options,
  .run = run_create,
};

static int
run_delete (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 2, 2, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *all = rest != NULL ? documents_path (rest, words[0], error) : NULL;
  g_autofree char *path = all != NULL ? document_path (rest, all, words[1], error) : NULL;
  if (all != NULL && path == NULL)
    not_found (words[0], words[1], error);
  if (path == NULL
      || !ctl_change_confirm (call, error, "Delete document %s of API %s with its content", words[1], words[0]))
    return 0;
  g_autofree char *what = g_strdup_printf ("document %s of API %s", words[1], words[0]);
  CtlRequest request = { .service = CTL_PUBLISHER, .method = "DELETE", .path = path, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "delete", "deleted", error);
  return 0;
}

const CtlCommand ctl_cmd_doc_delete = {
  .group = "doc",
  .name = "delete",
  .summary = "Delete a document of an API",
  .arguments = "NAME/VERSION DOCUMENT",
  .completes = "api doc",
  .example = "apimctl doc delete Weather/1.0.0 Guide --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_delete,
};
