#include "config.h"
#include "thrift/tw-key-validation.h"

#include "thrift/tw-wire.h"

#define MAX_ARGUMENTS 8

/* One row per method: where the argument with each id goes, and its name in the answer about a missing one (spec
 * 2.3). All are strings. */
typedef struct
{
  const char *name;
  guint required; /* ids 1..required must be there (2.5) */
  guint count;
  struct
  {
    gsize offset;
    const char *name;
  } arguments[MAX_ARGUMENTS]; /* of id 1, 2, ... */
} MethodLayout;

#define ARGUMENT(member, name) { G_STRUCT_OFFSET (TwArguments, member), name }

static const MethodLayout methods[] = {
  [TW_METHOD_VALIDATE_KEY] = {
    "validateKey", 5, 8,
    { ARGUMENT (context, "context"), ARGUMENT (version, "version"), ARGUMENT (access_token, "accessToken"),
      ARGUMENT (session_id, "sessionId"), ARGUMENT (required_level, "requiredAuthenticationLevel"),
      ARGUMENT (client_domain, "clientDomain"), ARGUMENT (matching_resource, "matchingResource"),
      ARGUMENT (http_verb, "httpVerb") } },
  [TW_METHOD_GET_ALL_URI_TEMPLATES] = {
    "getAllURITemplates", 2, 3,
    { ARGUMENT (context, "context"), ARGUMENT (version, "apiVersion"), ARGUMENT (session_id, "sessionId") } },
  [TW_METHOD_VALIDATE_KEY_FOR_HANDSHAKE] = {
    "validateKeyforHandshake", 4, 4,
    { ARGUMENT (context, "context"), ARGUMENT (version, "version"), ARGUMENT (access_token, "accessToken"),
      ARGUMENT (session_id, "sessionId") } },
};

TwMethod
tw_method_from_name (TwText name)
{
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (tw_text_equal (name, tw_text (methods[i].name)))
      return (TwMethod) i;
  return TW_METHOD_UNKNOWN;
}

const char *
tw_method_name (TwMethod method)
{
  return (guint) method < G_N_ELEMENTS (methods) ? methods[method].name : NULL;
}

const char *
tw_arguments_decode (TwArguments *arguments, TwMethod method, const guint8 *message, const TwEnvelope *envelope)
{
  const MethodLayout *layout = &methods[method];
  gsize position = envelope->body;
  gint16 id;
  TwType type;

  g_return_val_if_fail ((guint) method < G_N_ELEMENTS (methods), "method");
  *arguments = (TwArguments){ 0 };
  while ((type = tw_read_field (message, &position, &id)) != TW_STOP)
    {
      if (type == TW_STRING && id >= 1 && (guint) id <= layout->count)
        G_STRUCT_MEMBER (TwText, arguments, layout->arguments[id - 1].offset) = tw_read_text (message, &position);
      else if (type == TW_BOOL && id == TW_FIELD_OF_OURS && method == TW_METHOD_GET_ALL_URI_TEMPLATES)
        arguments->tell_scopes = message[position++] == 1;
      else
        tw_skip (message, &position, type);
    }
  for (guint i = 0; i < layout->required; i++)
    if (G_STRUCT_MEMBER (TwText, arguments, layout->arguments[i].offset).bytes == NULL)
      return layout->arguments[i].name;
  return NULL;
}

void
tw_encode_call (NetBuffer *output, TwMethod method, gint32 sequence_id, const TwArguments *arguments)
{
  const MethodLayout *layout = &methods[method];
  TwText name = tw_text (layout->name);
  gboolean tell_scopes = method == TW_METHOD_GET_ALL_URI_TEMPLATES && arguments->tell_scopes;
  gsize size = 4 + 4 + (gsize) name.length + 4 + (tell_scopes ? 3 + 1 : 0) + 1;
  guint8 *at;

  g_return_if_fail ((guint) method < G_N_ELEMENTS (methods));
  for (guint i = 0; i < layout->count; i++)
    {
      TwText text = G_STRUCT_MEMBER (TwText, arguments, layout->arguments[i].offset);

      size += text.bytes == NULL ? 0 : 3 + 4 + (gsize) text.length;
    }
  at = net_buffer_reserve (output, size);
  at = tw_store_text (tw_store_u32 (at, TW_VERSION_1 | TW_CALL), name);
  at = tw_store_u32 (at, (guint32) sequence_id);
  for (guint i = 0; i < layout->count; i++)
    {
      TwText text = G_STRUCT_MEMBER (TwText, arguments, layout->arguments[i].offset);

      if (text.bytes != NULL)
        at = tw_store_text (tw_store_u16 (tw_store_u8 (at, TW_STRING), i + 1), text);
    }
  if (tell_scopes)
    at = tw_store_u8 (tw_store_u16 (tw_store_u8 (at, TW_BOOL), TW_FIELD_OF_OURS), 1);
  tw_store_u8 (at, TW_STOP);
  net_buffer_commit (output, size);
}
