#include "config.h"
#include "gateway/gw-mediation.h"

#include <string.h>

static GwText
get (gpointer data, GwScope scope, GQuark name)
{
  return gw_mediation_get (data, scope, name);
}

void
gw_mediation_begin (GwMediation *mediation, const GwProperties *base)
{
  mediation->endpoint = NULL;
  mediation->built_in = GW_BUILT_IN_NONE;
  mediation->body = mediation->media_type = NULL;
  mediation->n_settings = 0;
  mediation->base = *base;
  mediation->all = (GwProperties){ get, mediation };
  mediation->used = 0;
}

void
gw_mediation_turn (GwMediation *mediation)
{
  guint kept = 0;

  for (guint i = 0; i < mediation->n_settings; i++)
    if (mediation->settings[i].scope == GW_SCOPE_MESSAGE)
      mediation->settings[kept++] = mediation->settings[i];
  mediation->n_settings = kept;
  mediation->endpoint = NULL;
  mediation->built_in = GW_BUILT_IN_NONE;
  mediation->body = mediation->media_type = NULL;
}

const GwSetting *
gw_mediation_find (const GwMediation *mediation, GwScope scope, GQuark name)
{
  for (guint i = 0; i < mediation->n_settings; i++)
    if (mediation->settings[i].name == name && mediation->settings[i].scope == scope)
      return &mediation->settings[i];
  return NULL;
}

GwText
gw_mediation_get (const GwMediation *mediation, GwScope scope, GQuark name)
{
  const GwSetting *setting = gw_mediation_find (mediation, scope, name);

  return setting != NULL ? setting->value : mediation->base.get (mediation->base.data, scope, name);
}

gboolean
gw_mediation_set (GwMediation *mediation, GwScope scope, GQuark name, GwText value)
{
  GwSetting *setting = (GwSetting *) gw_mediation_find (mediation, scope, name);

  if (setting == NULL)
    {
      if (mediation->n_settings == GW_MEDIATION_MAX_SETTINGS)
        return FALSE;
      setting = &mediation->settings[mediation->n_settings++];
      setting->scope = scope;
      setting->name = name;
    }
  setting->value = value;
  return TRUE;
}

/* A text that was put together stays in its place; the room for the next one begins behind it. */
static gboolean
evaluate (GwMediation *mediation, const GwExpression *expression, GwText *value)
{
  char *room = mediation->texts + mediation->used;
  gsize left = sizeof mediation->texts - mediation->used;

  if (!gw_expression_text (expression, &mediation->all, &room, &left, value))
    return FALSE;
  mediation->used = sizeof mediation->texts - left;
  return TRUE;
}

static gboolean
run_set (GwMediation *mediation, const GwStep *step)
{
  GwText value;

  if (!evaluate (mediation, step->value, &value))
    return FALSE;
  /* A property without a value is none. */
  return gw_mediation_set (mediation, step->scope, step->name, value);
}

/* As Matcher.matches() of Java: the whole text. */
static gboolean
regex_matches (const GwStep *step, GwText value)
{
  if (value.text == NULL)
    return FALSE;
  if (step->literal != NULL)
    return value.length == strlen (step->literal) && memcmp (value.text, step->literal, value.length) == 0;
  return g_regex_match_full (step->regex, value.text, (gssize) value.length, 0, 0, NULL, NULL);
}

/* @yes: (out). FALSE: no room. */
static gboolean
run_condition (GwMediation *mediation, const GwStep *step, gboolean *yes)
{
  GwText value;

  if (step->regex == NULL && step->literal == NULL)
    return gw_expression_true (step->value, &mediation->all, mediation->texts + mediation->used,
                               sizeof mediation->texts - mediation->used, yes);
  if (!evaluate (mediation, step->value, &value))
    return FALSE;
  *yes = regex_matches (step, value);
  return TRUE;
}

static GwMediationEnd
run_filter (GwMediation *mediation, const GwStep *step)
{
  gboolean yes;

  if (!run_condition (mediation, step, &yes))
    return GW_MEDIATION_FAILED;
  return gw_mediation_run (mediation, yes ? step->yes : step->no);
}

static GwMediationEnd
run_sequence (GwMediation *mediation, const GwStep *step)
{
  switch (step->built_in)
    {
    case GW_BUILT_IN_NONE:
      return gw_mediation_run (mediation, step->yes);
    /* What these do to an answer is done to every answer of their kind. */
    case GW_BUILT_IN_AUTH_FAILURE:
    case GW_BUILT_IN_THROTTLE_OUT:
    case GW_BUILT_IN_CORS_REQUEST:
      return GW_MEDIATION_RAN;
    default:
      mediation->built_in = step->built_in;
      return GW_MEDIATION_FAULT;
    }
}

static GwMediationEnd
run_step (GwMediation *mediation, const GwStep *step)
{
  switch (step->kind)
    {
    case GW_STEP_SET:
      return run_set (mediation, step) ? GW_MEDIATION_RAN : GW_MEDIATION_FAILED;
    case GW_STEP_REMOVE:
      return gw_mediation_set (mediation, step->scope, step->name, (GwText){ NULL, 0 }) ? GW_MEDIATION_RAN
                                                                                        : GW_MEDIATION_FAILED;
    case GW_STEP_FILTER:
      return run_filter (mediation, step);
    case GW_STEP_SEND:
      mediation->endpoint = step->endpoint;
      return step->endpoint != NULL ? GW_MEDIATION_SENT : GW_MEDIATION_ANSWERED;
    case GW_STEP_RESPOND:
      return GW_MEDIATION_ANSWERED;
    case GW_STEP_DROP:
      return GW_MEDIATION_DROPPED;
    case GW_STEP_BODY:
      mediation->body = step->body;
      mediation->media_type = step->media_type;
      return GW_MEDIATION_RAN;
    case GW_STEP_SEQUENCE:
      return run_sequence (mediation, step);
    }
  return GW_MEDIATION_FAILED;
}

GwMediationEnd
gw_mediation_run (GwMediation *mediation, const GwSequence *sequence)
{
  GwMediationEnd end = GW_MEDIATION_RAN;

  for (guint i = 0; sequence != NULL && end == GW_MEDIATION_RAN && i < sequence->steps->len; i++)
    end = run_step (mediation, g_ptr_array_index (sequence->steps, i));
  return end;
}
