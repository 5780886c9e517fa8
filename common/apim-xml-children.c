#include "config.h"
#include "common/apim-xml-children.h"

#include <string.h>

/* Changes, insertions and deletions from one name to the other, without case. Both at most NAME_MAX_LENGTH.
 */
#define NAME_MAX_LENGTH 64
static guint
name_distance (const char *a, const char *b)
{
  guint row[NAME_MAX_LENGTH + 1];
  gsize b_length = strlen (b);

  for (gsize j = 0; j <= b_length; j++)
    row[j] = (guint)j;
  for (gsize i = 0; a[i] != '\0'; i++)
    {
      guint diagonal = row[0];

      row[0] = (guint)i + 1;
      for (gsize j = 0; j < b_length; j++)
        {
          guint change = diagonal + (g_ascii_tolower (a[i]) != g_ascii_tolower (b[j]));

          diagonal = row[j + 1];
          row[j + 1] = MIN (change, MIN (diagonal, row[j]) + 1);
        }
    }
  return row[b_length];
}

/* The known name that was probably meant; NULL: none is near. */
static const char *
nearest_name (const char *name, GPtrArray *known)
{
  const char *nearest = NULL;
  guint smallest = 0;

  if (strlen (name) > NAME_MAX_LENGTH)
    return NULL;
  for (guint i = 0; i < known->len; i++)
    {
      guint distance = name_distance (name, known->pdata[i]);

      if (nearest == NULL || distance < smallest)
        {
          nearest = known->pdata[i];
          smallest = distance;
        }
    }
  return smallest <= strlen (name) / 3 ? nearest : NULL;
}

gboolean
apim_xml_check_children (const ApimXml *xml, xmlNode *parent, GPtrArray *known, const char *const *many,
                         GError **error)
{
  for (xmlNode *child = parent->children; child != NULL; child = child->next)
    {
      const char *name = (const char *)child->name;
      xmlNode *first;

      if (child->type != XML_ELEMENT_NODE)
        continue;
      if (!g_ptr_array_find_with_equal_func (known, name, g_str_equal, NULL))
        {
          const char *nearest = nearest_name (name, known);

          if (nearest == NULL)
            return apim_xml_fail (xml, child, error, "there is no such setting (see docs/configuration.md)");
          return apim_xml_fail (xml, child, error, "there is no such setting: did you mean %s?", nearest);
        }
      first = apim_xml_find (xml, parent, name);
      if (first != child && (many == NULL || !g_strv_contains (many, name)))
        return apim_xml_fail (xml, child, error,
                              "the element stands here a second time; the first is on line %ld",
                              xmlGetLineNo (first));
    }
  return TRUE;
}
