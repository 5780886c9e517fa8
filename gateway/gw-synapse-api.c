/* <api> (spec/gateway-and-traffic-manager.md 1.2, 5.3). */
#include "config.h"
#include "gateway/gw-synapse-private.h"

#include <string.h>

static gboolean
read_methods (const GwSynapse *synapse, xmlNode *node, guint *methods, GError **error)
{
  g_autofree char *text = gw_synapse_attribute (node, "methods");
  g_auto (GStrv) words = NULL;

  if (text == NULL)
    {
      *methods = ~0u; /* the engine's: a resource without methods takes all */
      return TRUE;
    }
  words = g_strsplit_set (text, " \t\r\n", -1);
  for (char **word = words; *word != NULL; word++)
    {
      guint bit = gw_method_parse (*word, strlen (*word));

      if (**word != '\0' && bit == 0)
        return apim_xml_fail (synapse->xml, node, error, "\"%s\" is not a method that APIs have", *word);
      *methods |= bit;
    }
  if (*methods != 0)
    return TRUE;
  return apim_xml_fail (synapse->xml, node, error, "has no methods");
}

static gboolean
read_pattern (const GwSynapse *synapse, xmlNode *node, GwResource *resource, GError **error)
{
  g_autofree char *mapping = gw_synapse_attribute (node, "url-mapping");
  g_autofree char *uri_template = gw_synapse_attribute (node, "uri-template");
  g_autoptr (GError) inner = NULL;

  if (mapping != NULL && uri_template != NULL)
    return apim_xml_fail (synapse->xml, node, error, "has both a url-mapping and a uri-template");
  resource->pattern = mapping != NULL        ? gw_pattern_new_mapping (mapping, &inner)
                      : uri_template != NULL ? gw_pattern_new_template (uri_template, &inner)
                                             : gw_pattern_new_default ();
  if (resource->pattern != NULL)
    return TRUE;
  return apim_xml_fail (synapse->xml, node, error, "%s", inner->message);
}

static gboolean
read_sequences (GwSynapse *synapse, xmlNode *node, GwResource *resource, GError **error)
{
  for (xmlNode *child = gw_synapse_next (node, NULL); child != NULL; child = gw_synapse_next (node, child))
    {
      gboolean is_in = gw_synapse_is (child, "inSequence");
      GwSequence **sequence = is_in ? &resource->in : &resource->out;

      if (gw_synapse_is (child, "faultSequence") && xmlFirstElementChild (child) == NULL)
        continue;
      if ((!is_in && !gw_synapse_is (child, "outSequence")) || *sequence != NULL)
        return gw_synapse_refuse (synapse, child, error);
      *sequence = gw_synapse_sequence (synapse, child, error);
      if (*sequence == NULL)
        return FALSE;
    }
  return TRUE;
}

/* inSequence="name" and its like: by key instead of inline. */
static gboolean
read_named_sequence (const GwSynapse *synapse, xmlNode *node, const char *attribute, GwSequence **sequence,
                     GError **error)
{
  g_autofree char *key = gw_synapse_attribute (node, attribute);

  if (key == NULL)
    return TRUE;
  *sequence = synapse->keys->sequence (synapse->keys->data, key);
  if (*sequence != NULL)
    return TRUE;
  return apim_xml_fail (synapse->xml, node, error,
                        "there is no sequence named \"%s\" in the folder sequences", key);
}

/* One that is not there (yet): the built-in "fault" answers, so that no call goes without an answer. */
static void
read_fault_sequence (GwSynapse *synapse, xmlNode *node, GwResource *resource)
{
  resource->fault_sequence = gw_synapse_attribute (node, "faultSequence");
  if (resource->fault_sequence == NULL || gw_built_in_parse (resource->fault_sequence) != GW_BUILT_IN_NONE)
    return;
  resource->fault = synapse->keys->sequence (synapse->keys->data, resource->fault_sequence);
  if (resource->fault == NULL)
    gw_synapse_note (synapse, node,
                     "there is no sequence named \"%s\" in the folder sequences; the built-in \"fault\" stands for it",
                     resource->fault_sequence);
}

static GwResource *
read_resource (GwSynapse *synapse, xmlNode *node, GError **error)
{
  static const char *const known[] = { "methods",     "url-mapping",   "uri-template", "inSequence",
                                       "outSequence", "faultSequence", "protocol",     NULL };
  g_autoptr (GwResource) resource = gw_resource_new ();

  if (!gw_synapse_check_attributes (synapse, node, known, error)
      || !read_methods (synapse, node, &resource->methods, error)
      || !read_pattern (synapse, node, resource, error)
      || !read_named_sequence (synapse, node, "inSequence", &resource->in, error)
      || !read_named_sequence (synapse, node, "outSequence", &resource->out, error)
      || !read_sequences (synapse, node, resource, error))
    return NULL;
  read_fault_sequence (synapse, node, resource);
  return g_steal_pointer (&resource);
}

static gboolean
read_version (const GwSynapse *synapse, xmlNode *root, GwApi *api, GError **error)
{
  g_autofree char *type = gw_synapse_attribute (root, "version-type");

  api->version = gw_synapse_attribute (root, "version");
  if (api->version == NULL)
    api->version = g_strdup ("");
  if (type == NULL || *type == '\0' || strcmp (type, "none") == 0)
    api->version_type = GW_VERSION_NONE;
  else if (strcmp (type, "context") == 0)
    api->version_type = GW_VERSION_CONTEXT;
  else if (strcmp (type, "url") == 0)
    api->version_type = GW_VERSION_URL;
  else
    return apim_xml_fail (synapse->xml, root, error, "version-type \"%s\" is neither \"context\" nor \"url\"",
                          type);
  if (strpbrk (api->version, "/?#% ") != NULL)
    return apim_xml_fail (synapse->xml, root, error,
                          "the version holds a character that no path segment has");
  return api->version_type == GW_VERSION_NONE || *api->version != '\0'
         || apim_xml_fail (synapse->xml, root, error, "has a version-type but no version");
}

static gboolean
read_context (const GwSynapse *synapse, xmlNode *root, GwApi *api, GError **error)
{
  g_autofree char *context = gw_synapse_attribute (root, "context");
  g_auto (GStrv) parts = NULL;
  gsize length;

  if (context == NULL || *context != '/' || strpbrk (context, "?#% \t\r\n\\") != NULL
      || strstr (context, "//") != NULL || strstr (context, "/.") != NULL)
    return apim_xml_fail (synapse->xml, root, error,
                          "the context is not a plain path that begins with \"/\"");
  parts = g_strsplit (context, "{version}", -1);
  api->context = g_strjoinv (api->version, parts);
  length = strlen (api->context);
  while (length > 0 && api->context[length - 1] == '/')
    api->context[--length] = '\0';
  return TRUE;
}

static gboolean
read_transports (const GwSynapse *synapse, xmlNode *root, GwApi *api, GError **error)
{
  g_autofree char *text = gw_synapse_attribute (root, "transports");
  guint transports = 0;

  if (text == NULL || *text == '\0')
    return TRUE;
  if (strstr (text, "https") != NULL)
    transports |= GW_TRANSPORT_HTTPS;
  if (strcmp (text, "http") == 0 || g_str_has_prefix (text, "http,") || g_str_has_suffix (text, ",http")
      || g_str_has_prefix (text, "http ") || g_str_has_suffix (text, " http"))
    transports |= GW_TRANSPORT_HTTP;
  if (transports == 0)
    return apim_xml_fail (synapse->xml, root, error, "transports=\"%s\" names neither http nor https", text);
  api->transports = transports;
  return TRUE;
}

static gboolean
read_head (const GwSynapse *synapse, xmlNode *root, GwApi *api, GError **error)
{
  static const char *const known[]
      = { "name", "context", "version", "version-type", "transports", "hostname", "port", "xmlns", NULL };
  g_autofree char *port = gw_synapse_attribute (root, "port");
  gint64 number = 0;

  api->base_name = gw_synapse_attribute (root, "name");
  if (!gw_synapse_check_attributes (synapse, root, known, error))
    return FALSE;
  if (api->base_name == NULL || *api->base_name == '\0')
    return apim_xml_fail (synapse->xml, root, error, "has no name");
  if (!read_version (synapse, root, api, error) || !read_context (synapse, root, api, error)
      || !read_transports (synapse, root, api, error))
    return FALSE;
  if (port != NULL && !g_ascii_string_to_signed (port, 10, 0, 65535, &number, NULL))
    return apim_xml_fail (synapse->xml, root, error, "the port is no number from 1 to 65535");
  api->port = (int)number;
  api->host = gw_synapse_attribute (root, "hostname");
  if (api->host != NULL && *api->host == '\0')
    g_clear_pointer (&api->host, g_free);
  api->name = *api->version != '\0' ? g_strdup_printf ("%s:v%s", api->base_name, api->version)
                                    : g_strdup (api->base_name);
  api->id = g_quark_from_string (api->name);
  return TRUE;
}

/* Whether calls are told apart by the kind of their key, which only an authenticated call has. */
static gboolean
looks_at_keys (const GwSequence *sequence)
{
  GQuark key_type = g_quark_from_static_string (GW_PROPERTY_KEY_TYPE);

  for (guint i = 0; sequence != NULL && i < sequence->steps->len; i++)
    {
      const GwStep *step = g_ptr_array_index (sequence->steps, i);

      if (step->kind == GW_STEP_FILTER
          && (gw_expression_is_property (step->value, GW_SCOPE_MESSAGE, key_type) || looks_at_keys (step->yes)
              || looks_at_keys (step->no)))
        return TRUE;
    }
  return FALSE;
}

/* gw-synapse.h says why. */
static gboolean
check_open (const GwSynapse *synapse, xmlNode *root, const GwApi *api, GError **error)
{
  if ((api->chain.handlers & GW_HANDLER_AUTHENTICATION) != 0)
    return TRUE;
  for (guint i = 0; i < api->resources->len; i++)
    if (looks_at_keys (((GwResource *)g_ptr_array_index (api->resources, i))->in))
      return apim_xml_fail (
          synapse->xml, root, error,
          "its resources tell calls apart by their keys, but its first <handlers> has no "
          "APIAuthenticationHandler that asks for "
          "one; it would be open to everybody. Publish the API again, or put the handler back");
  return TRUE;
}

static gboolean
read_body (GwSynapse *synapse, xmlNode *root, GwApi *api, GError **error)
{
  gboolean has_chain = FALSE;

  for (xmlNode *child = gw_synapse_next (root, NULL); child != NULL; child = gw_synapse_next (root, child))
    if (gw_synapse_is (child, "resource"))
      {
        GwResource *resource = read_resource (synapse, child, error);

        if (resource == NULL)
          return FALSE;
        gw_api_add_resource (api, resource);
      }
    else if (!gw_synapse_is (child, "handlers"))
      return gw_synapse_refuse (synapse, child, error);
    else if (!has_chain) /* the engine obeys the first block, and so do we */
      {
        has_chain = TRUE;
        if (!gw_synapse_chain (synapse, child, &api->chain, error))
          return FALSE;
      }
  if (api->resources->len == 0)
    return apim_xml_fail (synapse->xml, root, error, "has no resources");
  return TRUE;
}

/* Sequences that exist only where an operator wrote them (1.5). */
static void
find_extensions (const GwSynapse *synapse, GwApi *api)
{
  const char *prefixes[GW_API_N_EXTENSIONS] = { "WSO2AM--Ext", api->name };

  if ((api->chain.handlers & GW_HANDLER_EXTENSION) == 0)
    return;
  for (guint i = 0; i < GW_API_N_EXTENSIONS; i++)
    {
      g_autofree char *in = g_strconcat (prefixes[i], "--In", NULL);
      g_autofree char *out = g_strconcat (prefixes[i], "--Out", NULL);

      api->extension_in[i] = synapse->keys->sequence (synapse->keys->data, in);
      api->extension_out[i] = synapse->keys->sequence (synapse->keys->data, out);
    }
}

GwApi *
gw_synapse_read_api (const char *label, const char *bytes, gsize length, const GwSynapseKeys *keys,
                     GPtrArray *notes, GError **error)
{
  g_autoptr (ApimXml) xml = gw_synapse_parse (label, bytes, length, "api", error);
  g_autoptr (GwApi) api = gw_api_new ();
  GwSynapse synapse = { .xml = xml, .keys = keys, .notes = notes };
  xmlNode *root;

  if (xml == NULL)
    return NULL;
  root = xmlDocGetRootElement (xml->document);
  if (!read_head (&synapse, root, api, error) || !read_body (&synapse, root, api, error)
      || !check_open (&synapse, root, api, error))
    return NULL;
  find_extensions (&synapse, api);
  return g_steal_pointer (&api);
}
