#include "config.h"
#include "portal/pt-page.h"

void
pt_page_append_items (GString *json, const PtRequest *request, const GPtrArray *items, guint first,
                      guint count, PtWriteItem write_item)
{
  g_string_append_c (json, '[');
  for (guint i = 0; i < count; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      write_item (json, items->pdata[first + i], request);
    }
  g_string_append_c (json, ']');
}

static char *
link_to (const PtRequest *request, guint limit, guint offset)
{
  GString *link = g_string_new (request->path);

  g_string_append_printf (link, "?limit=%u&offset=%u", limit, offset);
  for (guint i = 0; i < net_http_form_length (request->query); i++)
    {
      const char *name, *value;

      net_http_form_field (request->query, i, &name, &value);
      if (g_str_equal (name, "limit") || g_str_equal (name, "offset"))
        continue;
      g_string_append_c (link, '&');
      g_string_append_uri_escaped (link, name, NULL, FALSE);
      g_string_append_c (link, '=');
      g_string_append_uri_escaped (link, value, NULL, FALSE);
    }
  return g_string_free (link, FALSE);
}

static void
append_links (GString *json, const PtRequest *request, const StPage *page, guint count, gint64 total)
{
  gboolean more = (gint64)page->offset + count < total && count > 0;
  g_autofree char *next = more ? link_to (request, page->limit, page->offset + count) : NULL;
  g_autofree char *previous
      = page->offset == 0
            ? NULL
            : link_to (request, page->limit, page->offset > page->limit ? page->offset - page->limit : 0);

  core_json_append_member (json, "next", next != NULL ? next : "");
  core_json_append_member (json, "previous", previous != NULL ? previous : "");
}

static void
append_pagination (GString *json, const StPage *page, gint64 total)
{
  core_json_append_name (json, "pagination");
  g_string_append_c (json, '{');
  core_json_append_int64 (json, "total", total);
  core_json_append_int64 (json, "offset", page->offset);
  core_json_append_int64 (json, "limit", page->limit);
  g_string_append_c (json, '}');
}

static void
answer_page (const PtRequest *request, PtAnswer *answer, const StPage *page, const GPtrArray *items,
             guint first, guint count, gint64 total, PtWriteItem write_item)
{
  GString *json = answer->json;

  g_string_append_c (json, '{');
  core_json_append_int64 (json, "count", count);
  append_links (json, request, page, count, total);
  core_json_append_name (json, "list");
  pt_page_append_items (json, request, items, first, count, write_item);
  append_pagination (json, page, total);
  g_string_append_c (json, '}');
}

void
pt_page_answer (const PtRequest *request, PtAnswer *answer, const StPage *page, const GPtrArray *items,
                gint64 total, PtWriteItem write_item)
{
  answer_page (request, answer, page, items, 0, items->len, total, write_item);
}

void
pt_page_answer_part (const PtRequest *request, PtAnswer *answer, const StPage *page, const GPtrArray *all,
                     PtWriteItem write_item)
{
  guint first = MIN (page->offset, all->len);

  answer_page (request, answer, page, all, first, MIN (page->limit, all->len - first), all->len, write_item);
}

void
pt_page_answer_all (const PtRequest *request, PtAnswer *answer, const GPtrArray *items,
                    PtWriteItem write_item)
{
  g_string_append_c (answer->json, '{');
  core_json_append_int64 (answer->json, "count", items->len);
  core_json_append_name (answer->json, "list");
  pt_page_append_items (answer->json, request, items, 0, items->len, write_item);
  g_string_append_c (answer->json, '}');
}
