#include "config.h"
#include "portal/pt-request.h"

#include "portal/pt-error.h"

#define STANDARD_LIMIT 25

const char *
pt_request_query (const PtRequest *request, const char *name)
{
  const char *value = net_http_form_get (request->query, name);

  return value != NULL && *value != '\0' ? value : NULL;
}

const char *
pt_request_need_query (const PtRequest *request, const char *name, GError **error)
{
  const char *value = pt_request_query (request, name);

  if (value == NULL)
    pt_fail (error, PT_ERROR_BAD_REQUEST, "The query parameter \"%s\" is missing.", name);
  return value;
}

gboolean
pt_request_query_boolean (const PtRequest *request, const char *name, gboolean standard, gboolean *value,
                          GError **error)
{
  const char *text = pt_request_query (request, name);

  *value = standard;
  if (text == NULL)
    return TRUE;
  *value = g_ascii_strcasecmp (text, "true") == 0;
  if (*value || g_ascii_strcasecmp (text, "false") == 0)
    return TRUE;
  return pt_fail (error, PT_ERROR_BAD_REQUEST, "The query parameter \"%s\" must be true or false.", name);
}

static gboolean
read_number (const PtRequest *request, const char *name, guint minimum, guint *number, GError **error)
{
  const char *text = pt_request_query (request, name);
  guint64 value;

  if (text == NULL)
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, minimum, G_MAXINT, &value, NULL))
    return pt_fail (error, PT_ERROR_BAD_REQUEST,
                    "The query parameter \"%s\" must be a whole number from %u on.", name, minimum);
  *number = (guint)value;
  return TRUE;
}

gboolean
pt_request_page (const PtRequest *request, StPage *page, GError **error)
{
  page->limit = STANDARD_LIMIT;
  page->offset = 0;
  if (!read_number (request, "limit", 1, &page->limit, error)
      || !read_number (request, "offset", 0, &page->offset, error))
    return FALSE;
  page->limit = MIN (page->limit, PT_MAX_PAGE_SIZE);
  return TRUE;
}
