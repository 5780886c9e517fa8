#include "config.h"
#include "bench/load-soap-answer.h"

#include <string.h>

static const char *const path[] = { "Envelope", "Body", "validateKeyResponse", "return" };

static const char *const children[] = {
  "apiName",
  "apiPublisher",
  "apiTier",
  "applicationId",
  "applicationName",
  "applicationTier",
  "authorized",
  "authorizedDomains",
  "consumerKey",
  "contentAware",
  "endUserName",
  "endUserToken",
  "issuedTime",
  "scopes",
  "spikeArrestLimit",
  "spikeArrestUnit",
  "stopOnQuotaReach",
  "subscriber",
  "subscriberTenantDomain",
  "throttlingDataList",
  "tier",
  "type",
  "userType",
  "validationStatus",
  "validityPeriod",
};

enum
{
  AUTHORIZED = 6,
  END_USER_NAME = 10,
  VALIDATION_STATUS = 23,
};

typedef struct
{
  const char *at, *end;
  guint depth;
  guint n_children; /* kinds of children that have come */
  LoadSoapAnswer *answer;
} Walk;

/* From "<" to ">"; no server writes a ">" into an attribute. */
typedef struct
{
  const char *name; /* without a prefix */
  gsize name_length;
  gboolean begins, ends; /* both: an empty element */
} Tag;

static gboolean
is_named (const Tag *tag, const char *name)
{
  return tag->name_length == strlen (name) && memcmp (tag->name, name, tag->name_length) == 0;
}

/* The next tag that is no declaration. FALSE at the end. */
static gboolean
next_tag (Walk *walk, Tag *tag)
{
  const char *begin, *end;

  do
    {
      begin = memchr (walk->at, '<', (gsize) (walk->end - walk->at));
      end = begin == NULL ? NULL : memchr (begin, '>', (gsize) (walk->end - begin));
      if (end == NULL)
        return FALSE;
      walk->at = end + 1;
    }
  while (begin[1] == '?');
  tag->begins = begin[1] != '/';
  tag->ends = !tag->begins || end[-1] == '/';
  tag->name = begin + 1;
  tag->name_length = 0;
  while (strchr (" />\r\n\t", tag->name[tag->name_length]) == NULL)
    if (tag->name[tag->name_length++] == ':')
      {
        tag->name += tag->name_length;
        tag->name_length = 0;
      }
  return TRUE;
}

static void
read_child (Walk *walk, guint child)
{
  const char *end = memchr (walk->at, '<', (gsize) (walk->end - walk->at));
  gsize length = end == NULL ? 0 : (gsize) (end - walk->at);

  if (child == AUTHORIZED)
    walk->answer->authorized = length == 4 && memcmp (walk->at, "true", 4) == 0;
  else if (child == END_USER_NAME)
    {
      walk->answer->end_user = walk->at;
      walk->answer->end_user_length = length;
    }
  else if (child == VALIDATION_STATUS)
    {
      walk->answer->status = walk->at;
      walk->answer->status_length = length;
    }
}

static gboolean
begin_child (Walk *walk, const Tag *tag)
{
  /* Lists repeat theirs. */
  if (walk->n_children > 0 && is_named (tag, children[walk->n_children - 1]))
    return TRUE;
  if (walk->n_children == G_N_ELEMENTS (children) || !is_named (tag, children[walk->n_children]))
    return FALSE;
  if (!tag->ends)
    read_child (walk, walk->n_children);
  walk->n_children++;
  return TRUE;
}

static gboolean
begin_element (Walk *walk, const Tag *tag)
{
  if (walk->depth < G_N_ELEMENTS (path))
    return is_named (tag, path[walk->depth]);
  return walk->depth == G_N_ELEMENTS (path) && begin_child (walk, tag);
}

gboolean
load_soap_answer_read (const char *envelope, gsize length, LoadSoapAnswer *answer)
{
  Walk walk = { envelope, envelope + length, 0, 0, answer };
  Tag tag;

  memset (answer, 0, sizeof *answer);
  while (next_tag (&walk, &tag))
    {
      if (tag.begins && !begin_element (&walk, &tag))
        return FALSE;
      walk.depth += tag.begins ? 1 : 0;
      if (tag.ends && walk.depth-- == 0)
        return FALSE;
    }
  return walk.depth == 0 && walk.n_children == G_N_ELEMENTS (children);
}
