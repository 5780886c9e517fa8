/* The requests of the Key Manager's HTTPS side, as spec/soap-and-oauth.md 1, 2 and 4 have them, and the check
 * of the replies. They share no code with any of the servers. */
#include "config.h"
#include "bench/load-http-reply.h"
#include "bench/load-soap-answer.h"
#include "bench/load-tokens.h"
#include "bench/load-world.h"

#include <string.h>

#define STATUS_OK 200
#define STATUS_INVALID_CREDENTIALS "900901"
#define SCOPE_PREFIX "device_" /* scopes of this form are granted to everybody */
#define SCOPE_DIGITS 16
#define SCOPE_SIZE (sizeof SCOPE_PREFIX - 1 + SCOPE_DIGITS)
#define MAX_CREDENTIALS 256
#define MAX_PATCHES 4

/* What differs from one request to the next. */
typedef enum
{
  PATCH_TOKEN,
  PATCH_CONTEXT,
  PATCH_CLIENT, /* the application's credentials, for Basic authentication */
  PATCH_SCOPE,  /* one that nobody has asked for */
} Patch;

typedef struct
{
  const char *name, *path, *content_type;
  gboolean chunked;      /* as Axis2 sends */
  gboolean applications; /* one request for each of them, not for each token */
  void (*make_body) (LoadWorld *world, GString *body);
  gboolean (*is_right) (LoadWorld *world, const LoadExpected *expected, const LoadHttpReply *reply);
} Kind;

struct _LoadWorld
{
  const Kind *kind;
  LoadTokens *tokens;
  gsize n_rows;     /* that are asked about */
  GString *request; /* the template */
  struct
  {
    Patch what;
    gsize offset;
  } patches[MAX_PATCHES];
  guint n_patches;
  guint64 number;
  guint *issued; /* by row: the hash of the token that the application got last, 0: none yet */
};

static struct
{
  char *request, *headers_file;
} options;

G_DEFINE_QUARK (load-world-error-quark, load_world_error)

/* Requests */

static gsize
credentials_size (const LoadWorld *world)
{
  return load_tokens_width (world->tokens, LOAD_COLUMN_CONSUMER_KEY) + 1
         + load_tokens_width (world->tokens, LOAD_COLUMN_CONSUMER_SECRET);
}

/* Room for @what, which load_world_ask() fills. */
static void
add_patch (LoadWorld *world, GString *text, Patch what)
{
  gsize size = what == PATCH_TOKEN     ? load_tokens_width (world->tokens, LOAD_COLUMN_TOKEN)
               : what == PATCH_CONTEXT ? load_tokens_width (world->tokens, LOAD_COLUMN_CONTEXT)
               : what == PATCH_SCOPE   ? SCOPE_SIZE
                                       : (credentials_size (world) + 2) / 3 * 4;

  g_assert (world->n_patches < MAX_PATCHES);
  world->patches[world->n_patches].what = what;
  world->patches[world->n_patches++].offset = text->len;
  g_string_set_size (text, text->len + size);
}

static void
add_column (const LoadWorld *world, GString *text, LoadColumn column)
{
  g_string_append_len (text, load_tokens_text (world->tokens, 0, column),
                       (gssize) load_tokens_width (world->tokens, column));
}

static void
make_soap_body (LoadWorld *world, GString *body)
{
  g_string_append (
      body, "<?xml version='1.0' encoding='UTF-8'?>"
            "<soapenv:Envelope xmlns:soapenv=\"http://www.w3.org/2003/05/soap-envelope\"><soapenv:Body>"
            "<ns1:validateKey xmlns:ns1=\"http://org.apache.axis2/xsd\"><ns1:context>");
  add_patch (world, body, PATCH_CONTEXT);
  g_string_append (body, "</ns1:context><ns1:version>");
  add_column (world, body, LOAD_COLUMN_VERSION);
  g_string_append (body, "</ns1:version><ns1:accessToken>");
  add_patch (world, body, PATCH_TOKEN);
  g_string_append (body,
                   "</ns1:accessToken>"
                   "<ns1:requiredAuthenticationLevel>Any</ns1:requiredAuthenticationLevel>"
                   "<ns1:clientDomain xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"1\"/>"
                   "<ns1:matchingResource>");
  add_column (world, body, LOAD_COLUMN_RESOURCE);
  g_string_append (body, "</ns1:matchingResource><ns1:httpVerb>");
  add_column (world, body, LOAD_COLUMN_VERB);
  g_string_append (body, "</ns1:httpVerb></ns1:validateKey></soapenv:Body></soapenv:Envelope>");
}

static void
make_introspect_body (LoadWorld *world, GString *body)
{
  g_string_append (body, "token=");
  add_patch (world, body, PATCH_TOKEN);
}

static void
make_issue_body (LoadWorld *world, GString *body)
{
  g_string_append (body, "grant_type=client_credentials&scope=");
  add_patch (world, body, PATCH_SCOPE);
}

static void
make_reuse_body (LoadWorld *world, GString *body)
{
  (void) world;
  g_string_append (body, "grant_type=client_credentials");
}

/* @headers: (nullable): whole lines for every request; NULL: each has its application's credentials. */
static void
make_head (LoadWorld *world, GString *head, const char *headers, gsize body_size)
{
  const Kind *kind = world->kind;

  g_string_append_printf (
      head, "POST %s HTTP/1.1\r\nContent-Type: %s\r\nUser-Agent: load-https\r\nHost: localhost\r\n",
      kind->path, kind->content_type);
  if (headers != NULL)
    g_string_append (head, headers);
  else
    {
      g_string_append (head, "Authorization: Basic ");
      add_patch (world, head, PATCH_CLIENT);
      g_string_append (head, "\r\n");
    }
  if (kind->chunked)
    g_string_append_printf (head, "Transfer-Encoding: chunked\r\n\r\n%" G_GSIZE_MODIFIER "x\r\n", body_size);
  else
    g_string_append_printf (head, "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n", body_size);
}

static gboolean
make_request (LoadWorld *world, const char *headers, GError **error)
{
  g_autoptr (GString) body = g_string_new (NULL);
  guint in_body;

  world->kind->make_body (world, body);
  in_body = world->n_patches;
  world->request = g_string_new (NULL);
  make_head (world, world->request, headers, body->len);
  for (guint i = 0; i < in_body; i++)
    world->patches[i].offset += world->request->len;
  g_string_append_len (world->request, body->str, (gssize) body->len);
  if (world->kind->chunked)
    g_string_append (world->request, "\r\n0\r\n\r\n");
  if (world->request->len <= LOAD_WORLD_MAX_REQUEST && credentials_size (world) <= MAX_CREDENTIALS)
    return TRUE;
  g_set_error_literal (error, LOAD_WORLD_ERROR, LOAD_WORLD_ERROR_TOO_LARGE, "requests would be too large");
  return FALSE;
}

static void
write_column (const LoadWorld *world, guint8 *at, gsize row, LoadColumn column)
{
  memcpy (at, load_tokens_text (world->tokens, row, column), load_tokens_width (world->tokens, column));
}

static void
write_client (const LoadWorld *world, guint8 *at, gsize row)
{
  gsize key_width = load_tokens_width (world->tokens, LOAD_COLUMN_CONSUMER_KEY), length;
  guint8 credentials[MAX_CREDENTIALS];
  int state = 0, save = 0;

  write_column (world, credentials, row, LOAD_COLUMN_CONSUMER_KEY);
  credentials[key_width] = ':';
  write_column (world, credentials + key_width + 1, row, LOAD_COLUMN_CONSUMER_SECRET);
  length = g_base64_encode_step (credentials, credentials_size (world), FALSE, (char *) at, &state, &save);
  g_base64_encode_close (FALSE, (char *) at + length, &state, &save);
}

static void
write_scope (guint8 *at, guint64 number)
{
  static const char digits[] = "0123456789abcdef";

  memcpy (at, SCOPE_PREFIX, sizeof SCOPE_PREFIX - 1);
  for (guint8 *digit = at + SCOPE_SIZE - 1; digit >= at + sizeof SCOPE_PREFIX - 1; digit--, number >>= 4)
    *digit = (guint8) digits[number & 15];
}

void
load_world_ask (LoadWorld *world, guint8 *request, LoadExpected *expected)
{
  expected->number = ++world->number;
  expected->known = load_tokens_draw (world->tokens, world->n_rows, &expected->row);
  memcpy (request, world->request->str, world->request->len);
  for (guint i = 0; i < world->n_patches; i++)
    {
      guint8 *at = request + world->patches[i].offset;

      switch (world->patches[i].what)
        {
        case PATCH_TOKEN:
          if (expected->known)
            write_column (world, at, expected->row, LOAD_COLUMN_TOKEN);
          else
            load_tokens_write_unknown (world->tokens, at);
          break;
        case PATCH_CONTEXT:
          write_column (world, at, expected->row, LOAD_COLUMN_CONTEXT);
          break;
        case PATCH_CLIENT:
          write_client (world, at, expected->row);
          break;
        case PATCH_SCOPE:
          write_scope (at, expected->number);
          break;
        }
    }
}

/* Replies */

static gboolean
is_text (const char *text, gsize length, const char *wanted, gsize wanted_length)
{
  return text != NULL && length == wanted_length && memcmp (text, wanted, length) == 0;
}

static gboolean
is_column (const LoadWorld *world, const char *text, gsize length, gsize row, LoadColumn column)
{
  return is_text (text, length, load_tokens_text (world->tokens, row, column),
                  load_tokens_width (world->tokens, column));
}

static gboolean
is_soap_right (LoadWorld *world, const LoadExpected *expected, const LoadHttpReply *reply)
{
  LoadSoapAnswer answer;

  if (!load_soap_answer_read (reply->body, reply->body_length, &answer))
    return FALSE;
  if (!expected->known)
    return !answer.authorized
           && is_text (answer.status, answer.status_length, STATUS_INVALID_CREDENTIALS,
                       sizeof STATUS_INVALID_CREDENTIALS - 1);
  return answer.authorized && is_text (answer.status, answer.status_length, "0", 1)
         && is_column (world, answer.end_user, answer.end_user_length, expected->row, LOAD_COLUMN_END_USER);
}

static gboolean
is_introspection_right (LoadWorld *world, const LoadExpected *expected, const LoadHttpReply *reply)
{
  const char *value;
  gsize length;

  if (!load_http_reply_member (reply, "active", &value, &length)
      || !is_text (value, length, expected->known ? "true" : "false", expected->known ? 4 : 5))
    return FALSE;
  if (!expected->known)
    return TRUE;
  return load_http_reply_member (reply, "username", &value, &length)
         && is_column (world, value, length, expected->row, LOAD_COLUMN_END_USER)
         && load_http_reply_member (reply, "client_id", &value, &length)
         && is_column (world, value, length, expected->row, LOAD_COLUMN_CONSUMER_KEY);
}

/* FNV-1a. Never 0. */
static guint
hash_text (const char *text, gsize length)
{
  guint hash = 2166136261u;

  for (gsize i = 0; i < length; i++)
    hash = (hash ^ (guint8) text[i]) * 16777619u;
  return MAX (hash, 1);
}

/* Whether the reply has a bearer token. @hash: of its text. */
static gboolean
read_token (const LoadHttpReply *reply, guint *hash)
{
  const char *value;
  gsize length;

  if (!load_http_reply_member (reply, "token_type", &value, &length) || !is_text (value, length, "Bearer", 6)
      || !load_http_reply_member (reply, "expires_in", &value, &length) || !g_ascii_isdigit (value[0])
      || !load_http_reply_member (reply, "access_token", &value, &length) || length == 0)
    return FALSE;
  *hash = hash_text (value, length);
  return TRUE;
}

/* A token with the scope of this very request, and not the one that the application got before. */
static gboolean
is_issue_right (LoadWorld *world, const LoadExpected *expected, const LoadHttpReply *reply)
{
  guint8 scope[SCOPE_SIZE];
  guint hash, before = world->issued[expected->row];
  const char *value;
  gsize length;

  write_scope (scope, expected->number);
  if (!read_token (reply, &hash) || !load_http_reply_member (reply, "scope", &value, &length)
      || memmem (value, length, scope, sizeof scope) == NULL)
    return FALSE;
  world->issued[expected->row] = hash;
  return hash != before;
}

/* The one that the application got before, if it did. */
static gboolean
is_reuse_right (LoadWorld *world, const LoadExpected *expected, const LoadHttpReply *reply)
{
  guint hash, before = world->issued[expected->row];

  if (!read_token (reply, &hash))
    return FALSE;
  world->issued[expected->row] = hash;
  return before == 0 || hash == before;
}

LoadVerdict
load_world_check (LoadWorld *world, const LoadExpected *expected, const guint8 *bytes, gsize length)
{
  LoadHttpReply reply;
  LoadVerdict verdict = load_http_reply_read (bytes, length, &reply);

  if (verdict != LOAD_REPLY_RIGHT)
    return verdict;
  return reply.status == STATUS_OK && world->kind->is_right (world, expected, &reply) ? LOAD_REPLY_RIGHT
                                                                                      : LOAD_REPLY_WRONG;
}

/* The world */

static const Kind kinds[] = {
  { "soap", "/services/APIKeyValidationService",
    "application/soap+xml; charset=UTF-8; action=\"urn:validateKey\"", TRUE, FALSE, make_soap_body,
    is_soap_right },
  { "introspect", "/oauth2/introspect", "application/x-www-form-urlencoded", FALSE, FALSE,
    make_introspect_body, is_introspection_right },
  { "issue", "/oauth2/token", "application/x-www-form-urlencoded", FALSE, TRUE, make_issue_body,
    is_issue_right },
  { "reuse", "/oauth2/token", "application/x-www-form-urlencoded", FALSE, TRUE, make_reuse_body,
    is_reuse_right },
};

static const Kind *
find_kind (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i].name, name) == 0)
      return &kinds[i];
  return NULL;
}

const GOptionEntry *
load_world_options (void)
{
  static const GOptionEntry entries[] = {
    { "request", 0, 0, G_OPTION_ARG_STRING, &options.request,
      "soap (validateKey), introspect, issue (a new token each time), reuse (client_credentials)", "KIND" },
    { "headers-file", 0, 0, G_OPTION_ARG_FILENAME, &options.headers_file,
      "Header lines of all requests, with which soap and introspect authenticate", "FILE" },
    { NULL },
  };

  return entries;
}

gboolean
load_world_check_options (GError **error)
{
  const Kind *kind = find_kind (options.request);
  const char *wrong = NULL;

  if (kind == NULL)
    wrong = "--request is soap, introspect, issue or reuse";
  else if (!kind->applications && options.headers_file == NULL)
    wrong = "--headers-file is needed with --request=soap and introspect";
  if (wrong != NULL)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, wrong);
  return wrong == NULL;
}

LoadWorld *
load_world_new (const char *path, double misses, GError **error)
{
  g_autoptr (LoadWorld) world = g_new0 (LoadWorld, 1);
  g_autofree char *headers = NULL;

  world->kind = find_kind (options.request);
  world->number = (guint64) g_get_real_time (); /* no two runs ask for the same scope */
  world->tokens = load_tokens_new (path, misses, error);
  if (world->tokens == NULL
      || (!world->kind->applications && !g_file_get_contents (options.headers_file, &headers, NULL, error))
      || !make_request (world, headers, error))
    return NULL;
  world->n_rows = world->kind->applications ? load_tokens_count_applications (world->tokens)
                                            : load_tokens_count (world->tokens);
  world->issued = g_new0 (guint, world->n_rows);
  return g_steal_pointer (&world);
}

void
load_world_free (LoadWorld *world)
{
  if (world == NULL)
    return;
  load_tokens_free (world->tokens);
  if (world->request != NULL)
    g_string_free (world->request, TRUE);
  g_free (world->issued);
  g_free (world);
}

gsize
load_world_n_requests (const LoadWorld *world)
{
  return world->n_rows;
}

gsize
load_world_request_size (const LoadWorld *world)
{
  return world->request->len;
}
