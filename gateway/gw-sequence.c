#include "config.h"
#include "gateway/gw-sequence.h"

#include <string.h>

GwBuiltIn
gw_built_in_parse (const char *name)
{
  static const struct
  {
    const char *name;
    GwBuiltIn built_in;
  } sequences[] = {
    { "fault", GW_BUILT_IN_FAULT },
    { "main", GW_BUILT_IN_MAIN },
    { "_production_key_error_", GW_BUILT_IN_PRODUCTION_KEY_ERROR },
    { "_sandbox_key_error_", GW_BUILT_IN_SANDBOX_KEY_ERROR },
    { "_auth_failure_handler_", GW_BUILT_IN_AUTH_FAILURE },
    { "_throttle_out_handler_", GW_BUILT_IN_THROTTLE_OUT },
    { "_cors_request_handler_", GW_BUILT_IN_CORS_REQUEST },
    { "_resource_mismatch_handler_", GW_BUILT_IN_RESOURCE_MISMATCH },
    { "_token_fault_", GW_BUILT_IN_TOKEN_FAULT },
    { "_threat_fault_", GW_BUILT_IN_THREAT_FAULT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (sequences); i++)
    if (strcmp (name, sequences[i].name) == 0)
      return sequences[i].built_in;
  return GW_BUILT_IN_NONE;
}

static void
step_free (gpointer data)
{
  GwStep *step = data;

  gw_expression_free (step->value);
  g_clear_pointer (&step->regex, g_regex_unref);
  g_free (step->literal);
  g_clear_pointer (&step->yes, gw_sequence_unref);
  g_clear_pointer (&step->no, gw_sequence_unref);
  g_clear_pointer (&step->endpoint, gw_endpoint_unref);
  g_free (step->body);
  g_free (step->media_type);
  g_free (step);
}

GwSequence *
gw_sequence_new (void)
{
  GwSequence *sequence = g_new0 (GwSequence, 1);

  sequence->ref_count = 1;
  sequence->steps = g_ptr_array_new_with_free_func (step_free);
  return sequence;
}

GwSequence *
gw_sequence_ref (GwSequence *sequence)
{
  g_atomic_int_inc (&sequence->ref_count);
  return sequence;
}

void
gw_sequence_unref (GwSequence *sequence)
{
  if (!g_atomic_int_dec_and_test (&sequence->ref_count))
    return;
  g_ptr_array_unref (sequence->steps);
  g_free (sequence);
}

GwStep *
gw_sequence_add (GwSequence *sequence, GwStepKind kind)
{
  GwStep *step = g_new0 (GwStep, 1);

  step->kind = kind;
  g_ptr_array_add (sequence->steps, step);
  return step;
}
