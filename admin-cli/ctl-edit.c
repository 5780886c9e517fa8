#include "config.h"

#include "admin-cli/ctl-edit.h"

#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"

CtlReply *
ctl_edit_get (CtlRest *rest, const char *reference, GError **error)
{
  g_autofree char *id = ctl_names_api_id (rest, CTL_PUBLISHER, reference, error);
  if (id == NULL)
    return NULL;
  g_autofree char *path = ctl_server_path ("/apis/{}", id);
  CtlRequest request = { .service = CTL_PUBLISHER, .method = "GET", .path = path, .what = reference };
  g_autoptr (CtlReply) reply = ctl_rest_send (rest, &request, error);
  if (reply == NULL)
    return NULL;
  if (reply->json != NULL && JSON_NODE_HOLDS_OBJECT (reply->json))
    return g_steal_pointer (&reply);
  ctl_error_set (error, CTL_ERROR_FAILED, "apimctl env list", reference, "the answer is not an API");
  return NULL;
}

JsonNode *
ctl_edit (CtlCall *call, CtlRest *rest, const char *reference, CtlEditFunc change, GError **error)
{
  g_autoptr (CtlReply) now = ctl_edit_get (rest, reference, error);
  if (now == NULL)
    return NULL;
  /* Members of objects are shared by copies: the text is what it was. */
  g_autofree char *before = ctl_json_compact (now->json);
  g_autofree char *what = g_strconcat ("API ", reference, NULL);
  if (!change (json_node_get_object (now->json), call, error))
    return NULL;
  g_autofree char *after = ctl_json_compact (now->json);
  if (g_strcmp0 (before, after) == 0)
    {
      ctl_output_note (call->output, "%s is so already", what);
      return g_steal_pointer (&now->json);
    }
  g_autofree char *id = ctl_names_member (now->json, "id"), *path = ctl_server_path ("/apis/{}", id);
  CtlRequest request = {
    .service = CTL_PUBLISHER, .method = "PUT", .path = path, .json = now->json, .if_match = now->etag, .what = what
  };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "update", "updated", error);
  if (reply == NULL)
    return NULL;
  return reply->json != NULL ? g_steal_pointer (&reply->json) : g_steal_pointer (&now->json);
}
