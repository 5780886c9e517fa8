#include "config.h"
#include "keyvalidator/oauth/kv-scope-words.h"

#include "core/core-oauth.h"
#include "core/core-rest-scopes.h"
#include "store/st-oauth-scope-text.h"

#include <string.h>

typedef struct
{
  const StOauthClient *client;
  GPtrArray *texts; /* of StOauthScopeText */
} Question;

static gboolean
read_texts (StWriter *writer, gpointer data, GError **error)
{
  Question *question = data;

  g_clear_pointer (&question->texts, g_ptr_array_unref);
  return st_oauth_scope_texts_find (writer, question->client->key, &question->texts, error);
}

static gboolean
says_something (const char *text)
{
  return text != NULL && *text != '\0';
}

char *
kv_scope_word (const char *scope, const char *name, const char *description)
{
  if (strcmp (scope, CORE_OAUTH_SCOPE_DEFAULT) == 0)
    return g_strdup ("call the APIs that it subscribes to");
  if (strcmp (scope, "openid") == 0)
    return g_strdup ("see who you are: your user name, name and e-mail address");
  if (core_rest_scopes_words (scope) != NULL)
    return g_strdup_printf ("%s (%s)", core_rest_scopes_words (scope), scope);
  if (!says_something (name))
    name = scope;
  return says_something (description) && strcmp (description, name) != 0
             ? g_strdup_printf ("use \"%s\" (%s): %s", name, scope, description)
         : strcmp (name, scope) != 0 ? g_strdup_printf ("use \"%s\" (%s)", name, scope)
                                     : g_strdup_printf ("use \"%s\"", scope);
}

gboolean
kv_scope_words (KvOauth *oauth, const StOauthClient *client, const char *const *scopes, char ***words, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  Question question = { client, NULL };
  g_autoptr (GPtrArray) texts = NULL;
  gboolean read = kv_oauth_read (oauth, read_texts, &question, error);

  texts = question.texts;
  if (!read)
    return FALSE;
  for (; *scopes != NULL; scopes++)
    {
      const StOauthScopeText *found = NULL;

      for (guint i = 0; i < texts->len && found == NULL; i++)
        {
          const StOauthScopeText *text = g_ptr_array_index (texts, i);

          if (strcmp (text->key, *scopes) == 0)
            found = text;
        }
      g_ptr_array_add (list, kv_scope_word (*scopes, found != NULL ? found->name : NULL,
                                            found != NULL ? found->description : NULL));
    }
  g_ptr_array_add (list, NULL);
  *words = (char **) g_ptr_array_steal (list, NULL);
  return TRUE;
}
