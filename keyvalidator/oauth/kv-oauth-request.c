#include "config.h"
#include "keyvalidator/oauth/kv-oauth-request.h"

#include "keyvalidator/oauth/kv-oauth-answer.h"

static gboolean
refuse (GError **error, KvOauthError code, const char *description)
{
  g_set_error_literal (error, KV_OAUTH_ERROR, code, description);
  return FALSE;
}

static gboolean
check_request (const NetHttpRequest *request, gsize length, GError **error)
{
  if (!net_http_text_equal (request->method, "POST"))
    return refuse (error, KV_OAUTH_ERROR_METHOD, "only POST is understood here");
  if (length > KV_OAUTH_MAX_FORM)
    return refuse (error, KV_OAUTH_ERROR_TOO_LARGE, "the request is too large");
  if (request->query.length > 0)
    return refuse (error, KV_OAUTH_ERROR_INVALID_REQUEST, "parameters belong into the body, not into the URL");
  if (!net_http_request_has_form (request))
    return refuse (error, KV_OAUTH_ERROR_INVALID_REQUEST,
                   "the Content-Type must be application/x-www-form-urlencoded");
  return TRUE;
}

NetHttpForm *
kv_oauth_request_form (NetHttpExchange *exchange, GError **error)
{
  gsize length;
  const guint8 *body = net_http_exchange_body (exchange, &length);
  g_autoptr (NetHttpForm) form = NULL;
  const char *why;

  if (!check_request (net_http_exchange_request (exchange), length, error))
    return NULL;
  form = net_http_form_parse ((const char *) body, length, &why);
  if (form == NULL)
    {
      refuse (error, KV_OAUTH_ERROR_INVALID_REQUEST, why);
      return NULL;
    }
  if (net_http_form_repeated (form) != NULL)
    {
      refuse (error, KV_OAUTH_ERROR_INVALID_REQUEST, "Invalid request with repeated parameters.");
      return NULL;
    }
  return g_steal_pointer (&form);
}

const char *
kv_oauth_request_need (const NetHttpForm *form, const char *name, GError **error)
{
  const char *value = net_http_form_get (form, name);

  if (value != NULL && *value != '\0')
    return value;
  g_set_error (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_REQUEST, "Missing parameters: %s", name);
  return NULL;
}
