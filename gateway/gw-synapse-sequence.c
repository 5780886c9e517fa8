/* Mediators (spec/gateway-and-traffic-manager.md 5.3). One function each, in a table. */
#include "config.h"
#include "gateway/gw-synapse-private.h"

#include <string.h>

typedef gboolean (*ReadMediator) (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, GError **error);

static gboolean
read_scope (const GwSynapse *synapse, xmlNode *node, GwScope *scope, GError **error)
{
  g_autofree char *word = gw_synapse_attribute (node, "scope");

  *scope = GW_SCOPE_MESSAGE;
  if (word == NULL || gw_scope_parse (word, scope))
    return TRUE;
  return apim_xml_fail (synapse->xml, node, error, "this gateway has no properties of the scope \"%s\"",
                        word);
}

/* What value="" or expression="" says. */
static GwExpression *
read_value (const GwSynapse *synapse, xmlNode *node, GError **error)
{
  g_autofree char *value = gw_synapse_attribute (node, "value");
  g_autofree char *text = gw_synapse_attribute (node, "expression");
  g_autoptr (GError) inner = NULL;
  GwExpression *expression;

  if ((value == NULL) == (text == NULL))
    {
      apim_xml_fail (synapse->xml, node, error, "needs either a value or an expression");
      return NULL;
    }
  if (value != NULL)
    return gw_expression_new_literal (value);
  expression = gw_expression_new (text, &inner);
  if (expression == NULL)
    apim_xml_fail (synapse->xml, node, error, "%s", inner->message);
  return expression;
}

/* Notes whether a variable of addresses has the one value that this gateway fills in. @value: nullable: it is removed. */
static void
note_variable (GwSynapse *synapse, const char *name, GwScope scope, const GwExpression *value)
{
  gboolean is_host = strcmp (name, GW_PROPERTY_VARIABLE_HOST) == 0;
  const char *constant = is_host ? GW_PROPERTY_KEY_MANAGER_HOST : GW_PROPERTY_KEY_MANAGER_PORT;

  if (scope != GW_SCOPE_MESSAGE || (!is_host && strcmp (name, GW_PROPERTY_VARIABLE_PORT) != 0))
    return;
  if (value == NULL || !gw_expression_is_property (value, GW_SCOPE_MESSAGE, g_quark_from_static_string (constant)))
    synapse->address_varies = TRUE;
  else if (is_host)
    synapse->host_is_key_manager = TRUE;
  else
    synapse->port_is_key_manager = TRUE;
}

/* A property or header that is set or removed. */
static gboolean
add_assignment (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, const char *name, GwScope scope,
                GError **error)
{
  g_autofree char *action = gw_synapse_attribute (node, "action");
  gboolean removes = g_strcmp0 (action, "remove") == 0;
  GwExpression *value = NULL;
  GwStep *step;

  if (xmlFirstElementChild (node) != NULL)
    return gw_synapse_refuse (synapse, xmlFirstElementChild (node), error);
  if (!removes)
    {
      value = read_value (synapse, node, error);
      if (value == NULL)
        return FALSE;
    }
  note_variable (synapse, name, scope, value);
  step = gw_sequence_add (sequence, removes ? GW_STEP_REMOVE : GW_STEP_SET);
  step->scope = scope;
  step->name = gw_scope_name (scope, name);
  step->value = value;
  return TRUE;
}

static gboolean
read_property (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, GError **error)
{
  static const char *const known[] = { "name", "value", "expression", "scope", "action", NULL };
  g_autofree char *name = gw_synapse_attribute (node, "name");
  GwScope scope;

  if (!gw_synapse_check_attributes (synapse, node, known, error)
      || !read_scope (synapse, node, &scope, error))
    return FALSE;
  if (name == NULL || *name == '\0')
    return apim_xml_fail (synapse->xml, node, error, "has no name");
  return add_assignment (synapse, node, sequence, name, scope, error);
}

/* <header>: of the transport; "To" is where a message goes, which send and respond say here. */
static gboolean
read_header (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, GError **error)
{
  static const char *const known[] = { "name", "value", "expression", "scope", "action", NULL };
  g_autofree char *name = gw_synapse_attribute (node, "name");
  g_autofree char *action = gw_synapse_attribute (node, "action");
  GwScope scope;

  if (!gw_synapse_check_attributes (synapse, node, known, error)
      || !read_scope (synapse, node, &scope, error))
    return FALSE;
  if (g_strcmp0 (name, "To") == 0 && g_strcmp0 (action, "remove") == 0)
    return TRUE;
  if (name == NULL || scope != GW_SCOPE_TRANSPORT)
    return apim_xml_fail (
        synapse->xml, node, error,
        "this gateway sets headers of the transport only (scope=\"transport\"), not those of SOAP messages");
  return add_assignment (synapse, node, sequence, name, GW_SCOPE_TRANSPORT, error);
}

/* <then>, <else>, or what stands in the filter itself. */
static gboolean
read_branches (GwSynapse *synapse, xmlNode *node, GwStep *step, GError **error)
{
  xmlNode *first = gw_synapse_next (node, NULL);

  if (first != NULL && !gw_synapse_is (first, "then") && !gw_synapse_is (first, "else"))
    return (step->yes = gw_synapse_sequence (synapse, node, error)) != NULL;
  for (xmlNode *child = first; child != NULL; child = gw_synapse_next (node, child))
    {
      gboolean is_then = gw_synapse_is (child, "then");
      GwSequence **branch = is_then ? &step->yes : &step->no;

      if ((!is_then && !gw_synapse_is (child, "else")) || *branch != NULL)
        return gw_synapse_refuse (synapse, child, error);
      *branch = gw_synapse_sequence (synapse, child, error);
      if (*branch == NULL)
        return FALSE;
    }
  return TRUE;
}

/* "PRODUCTION" is what nearly every file asks for: such texts are compared, and no expression is compiled, which would be
 * most of the time that 10,000 files take. */
static gboolean
is_literal (const char *regex)
{
  for (const char *at = regex; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && *at != '_' && *at != '-')
      return FALSE;
  return TRUE;
}

/* One that the whole text must match, as Java's matches() has it. It must be one by itself, too. */
static GRegex *
read_regex (const char *text, GError **error)
{
  g_autoptr (GRegex) alone = g_regex_new (text, G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, error);
  g_autofree char *whole = g_strconcat ("(?:", text, ")\\z", NULL);

  if (alone == NULL)
    return NULL;
  return g_regex_new (whole, G_REGEX_ANCHORED | G_REGEX_OPTIMIZE | G_REGEX_DOLLAR_ENDONLY, G_REGEX_MATCH_ANCHORED,
                      error);
}

static gboolean
read_condition (GwSynapse *synapse, xmlNode *node, GwStep *step, GError **error)
{
  g_autofree char *source = gw_synapse_attribute (node, "source");
  g_autofree char *regex = gw_synapse_attribute (node, "regex");
  g_autofree char *xpath = gw_synapse_attribute (node, "xpath");
  g_autoptr (GError) inner = NULL;

  if (source != NULL ? regex == NULL || xpath != NULL : xpath == NULL || regex != NULL)
    return apim_xml_fail (synapse->xml, node, error, "needs either source and regex, or xpath");
  step->value = gw_expression_new (source != NULL ? source : xpath, &inner);
  if (regex != NULL && is_literal (regex))
    step->literal = g_strdup (regex);
  else if (step->value != NULL && regex != NULL)
    step->regex = read_regex (regex, &inner);
  if (inner != NULL)
    return apim_xml_fail (synapse->xml, node, error, "%s", inner->message);
  return TRUE;
}

static gboolean
read_filter (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, GError **error)
{
  static const char *const known[] = { "source", "regex", "xpath", NULL };
  GwStep *step = gw_sequence_add (sequence, GW_STEP_FILTER);

  return gw_synapse_check_attributes (synapse, node, known, error)
         && read_condition (synapse, node, step, error) && read_branches (synapse, node, step, error);
}

static gboolean
read_send (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, GError **error)
{
  static const char *const known[] = { "buildmessage", NULL };
  GwStep *step = gw_sequence_add (sequence, GW_STEP_SEND);
  xmlNode *child = gw_synapse_next (node, NULL);

  if (!gw_synapse_check_attributes (synapse, node, known, error))
    return FALSE;
  if (child == NULL)
    return TRUE;
  if (!gw_synapse_is (child, "endpoint") || gw_synapse_next (node, child) != NULL)
    return gw_synapse_refuse (
        synapse, gw_synapse_is (child, "endpoint") ? gw_synapse_next (node, child) : child, error);
  step->endpoint = gw_synapse_endpoint (synapse, child, error);
  return step->endpoint != NULL;
}

static gboolean
read_respond (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, GError **error)
{
  if (xmlFirstElementChild (node) != NULL)
    return gw_synapse_refuse (synapse, xmlFirstElementChild (node), error);
  gw_sequence_add (sequence, GW_STEP_RESPOND);
  return TRUE;
}

static gboolean
read_drop (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, GError **error)
{
  (void)synapse, (void)node, (void)error;
  gw_sequence_add (sequence, GW_STEP_DROP);
  return TRUE;
}

/* Logs what a gateway of ours logs by itself. */
static gboolean
read_log (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, GError **error)
{
  (void)synapse, (void)node, (void)sequence, (void)error;
  return TRUE;
}

static gboolean
read_cache (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, GError **error)
{
  (void)sequence, (void)error;
  gw_synapse_note (synapse, node, "answers are not cached by this gateway; every call goes to the backend");
  return TRUE;
}

static gboolean
read_sequence_call (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, GError **error)
{
  static const char *const known[] = { "key", NULL };
  g_autofree char *key = gw_synapse_attribute (node, "key");
  g_autoptr (GwSequence) found = NULL;
  GwStep *step;

  if (!gw_synapse_check_attributes (synapse, node, known, error))
    return FALSE;
  if (key == NULL)
    return apim_xml_fail (synapse->xml, node, error, "has no key");
  found = synapse->keys->sequence (synapse->keys->data, key);
  if (found == NULL && gw_built_in_parse (key) == GW_BUILT_IN_NONE)
    return apim_xml_fail (synapse->xml, node, error,
                          "there is no sequence named \"%s\" in the folder sequences", key);
  step = gw_sequence_add (sequence, GW_STEP_SEQUENCE);
  step->built_in = found == NULL ? gw_built_in_parse (key) : GW_BUILT_IN_NONE;
  step->yes = g_steal_pointer (&found);
  return TRUE;
}

static char *
serialize (xmlNode *node)
{
  xmlBuffer *buffer = xmlBufferCreate ();
  char *text;

  xmlNodeDump (buffer, node->doc, node, 0, 0);
  text = g_strdup ((const char *)xmlBufferContent (buffer));
  xmlBufferFree (buffer);
  return text;
}

static gboolean
read_payload (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, GError **error)
{
  static const char *const known[] = { "media-type", NULL };
  g_autofree char *media_type = gw_synapse_attribute (node, "media-type");
  xmlNode *format = NULL;
  GwStep *step;

  if (!gw_synapse_check_attributes (synapse, node, known, error))
    return FALSE;
  for (xmlNode *child = gw_synapse_next (node, NULL); child != NULL; child = gw_synapse_next (node, child))
    if (gw_synapse_is (child, "format") && format == NULL)
      format = child;
    else if (!gw_synapse_is (child, "args") || xmlFirstElementChild (child) != NULL)
      return gw_synapse_refuse (synapse, child, error);
  if (format == NULL)
    return apim_xml_fail (synapse->xml, node, error, "has no <format>");
  step = gw_sequence_add (sequence, GW_STEP_BODY);
  step->media_type = g_strdup (g_strcmp0 (media_type, "json") == 0   ? "application/json"
                               : g_strcmp0 (media_type, "text") == 0 ? "text/plain"
                                                                     : "application/xml");
  step->body = xmlFirstElementChild (format) != NULL ? serialize (xmlFirstElementChild (format))
                                                     : gw_synapse_text (format);
  return TRUE;
}

/* Classes of the product. Some only measure; the TokenPasser of 1.x hands the end user's JWT on. */
static gboolean
read_class (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, GError **error)
{
  static const char *const measuring[]
      = { "APIMgtResponseHandler", "APIMgtFaultHandler", "APIMgtLatencyStatsHandler", NULL };
  g_autofree char *name = gw_synapse_attribute (node, "name");
  const char *dot = name != NULL ? strrchr (name, '.') : NULL;

  if (dot != NULL && g_str_has_prefix (name, "org.wso2.carbon.apimgt."))
    {
      if (g_strv_contains (measuring, dot + 1))
        return TRUE;
      if (strcmp (dot + 1, "TokenPasser") == 0)
        {
          GwStep *step = gw_sequence_add (sequence, GW_STEP_SET);

          step->scope = GW_SCOPE_TRANSPORT;
          step->name = gw_scope_name (GW_SCOPE_TRANSPORT, "assertion");
          step->value = gw_expression_new ("$ctx:" GW_PROPERTY_END_USER_JWT, NULL);
          return TRUE;
        }
      if (strcmp (dot + 1, "DigestAuthMediator") == 0)
        return apim_xml_fail (synapse->xml, node, error,
                              "this gateway does no digest authentication at endpoints: use Basic, with an https endpoint");
    }
  return apim_xml_fail (synapse->xml, node, error,
                        "this gateway does not run the class %s; the file is refused rather than half done",
                        name != NULL ? name : "that is not named");
}

static gboolean
read_mediator (GwSynapse *synapse, xmlNode *node, GwSequence *sequence, GError **error)
{
  static const struct
  {
    const char *name;
    ReadMediator read;
  } mediators[] = {
    { "property", read_property },
    { "header", read_header },
    { "filter", read_filter },
    { "send", read_send },
    { "respond", read_respond },
    { "drop", read_drop },
    { "log", read_log },
    { "cache", read_cache },
    { "sequence", read_sequence_call },
    { "payloadFactory", read_payload },
    { "class", read_class },
  };

  if (++synapse->steps > GW_SEQUENCE_MAX_STEPS)
    return apim_xml_fail (synapse->xml, node, error, "is one mediator more than a file may have (%d)",
                          GW_SEQUENCE_MAX_STEPS);
  for (gsize i = 0; i < G_N_ELEMENTS (mediators); i++)
    if (gw_synapse_is (node, mediators[i].name))
      return mediators[i].read (synapse, node, sequence, error);
  return gw_synapse_refuse (synapse, node, error);
}

GwSequence *
gw_synapse_sequence (GwSynapse *synapse, xmlNode *node, GError **error)
{
  g_autoptr (GwSequence) sequence = gw_sequence_new ();

  if (++synapse->branches > GW_SEQUENCE_MAX_DEPTH)
    {
      apim_xml_fail (synapse->xml, node, error, "branches stand in each other more than %d deep",
                     GW_SEQUENCE_MAX_DEPTH);
      return NULL;
    }
  for (xmlNode *child = gw_synapse_next (node, NULL); child != NULL; child = gw_synapse_next (node, child))
    if (!read_mediator (synapse, child, sequence, error))
      return NULL;
  synapse->branches--;
  return g_steal_pointer (&sequence);
}
