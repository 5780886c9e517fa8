#include "config.h"
#include "common/apim-pattern.h"

#include <string.h>

/* PCRE's own limit is seconds of one processor. */
#define STEPS "100000"

GRegex *
apim_pattern_new (const char *text)
{
  /* Alone first: "a)|(b" is no pattern, though it is one between brackets. */
  g_autoptr (GRegex) alone = g_regex_new (text, 0, 0, NULL);
  g_autofree char *whole = g_strconcat ("(*LIMIT_MATCH=" STEPS ")(*LIMIT_DEPTH=" STEPS ")\\A(?:", text, ")\\z", NULL);

  /* Java's intersection of classes, which PCRE reads as characters. */
  if (alone == NULL || strstr (text, "&&[") != NULL)
    return NULL;
  return g_regex_new (whole, 0, 0, NULL);
}
