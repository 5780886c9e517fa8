#include "config.h"
#include "core/core-zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <string.h>

#define FREE_MEGABYTE (1024 * 1024)

G_DEFINE_QUARK (core-zip-error-quark, core_zip_error)

typedef struct archive Archive;
typedef struct archive_entry ArchiveEntry;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ArchiveEntry, archive_entry_free)

struct _CoreZip
{
  GHashTable *files;  /* name -> GBytes */
  GHashTable *folded; /* set of names without case, folders included */
};

/* What is being read. */
typedef struct
{
  Archive *archive;
  CoreZip *zip;
  gsize length; /* of the archive */
  guint n_entries;
  gsize total; /* bytes of files so far */
} Reader;

/* libarchive converts names from and to the thread's locale, which must be able to hold them, whatever the
 * node's is. */
static locale_t
enter_utf8 (void)
{
  locale_t utf8 = newlocale (LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

  return utf8 != (locale_t)0 ? uselocale (utf8) : (locale_t)0;
}

/* @before: what enter_utf8() gave. */
static void
leave_utf8 (locale_t before)
{
  if (before != (locale_t)0)
    freelocale (uselocale (before));
}

/* @name (nullable): quoted, with what would not print escaped. */
static gboolean
refuse (GError **error, const char *name, const char *why)
{
  g_autofree char *valid = name != NULL ? g_utf8_make_valid (name, -1) : NULL;
  g_autofree char *shown = valid != NULL ? g_strescape (valid, NULL) : NULL;

  if (shown != NULL)
    g_set_error (error, CORE_ZIP_ERROR, CORE_ZIP_ERROR_INVALID,
                 "the archive's entry \"%.200s\" is refused: %s", shown, why);
  else
    g_set_error (error, CORE_ZIP_ERROR, CORE_ZIP_ERROR_INVALID, "the archive is refused: %s", why);
  return FALSE;
}

CoreZip *
core_zip_new (void)
{
  CoreZip *zip = g_new0 (CoreZip, 1);

  zip->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  zip->folded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return zip;
}

void
core_zip_free (CoreZip *zip)
{
  if (zip == NULL)
    return;
  g_hash_table_unref (zip->files);
  g_hash_table_unref (zip->folded);
  g_free (zip);
}

/* NULL: the name is good. @name: of a file, or of a folder without its last slash. */
static const char *
problem_of_name (const char *name)
{
  g_auto (GStrv) parts = NULL;

  if (*name == '\0' || strlen (name) > CORE_ZIP_MAX_NAME)
    return "its name is empty or too long";
  if (!g_utf8_validate (name, -1, NULL))
    return "its name is not UTF-8";
  for (const char *c = name; *c != '\0'; c++)
    if ((guchar)*c < 0x20 || *c == 0x7f || *c == '\\')
      return "its name holds a backslash or a control character";
  if (*name == '/' || (g_ascii_isalpha (name[0]) && name[1] == ':'))
    return "its name is absolute";
  parts = g_strsplit (name, "/", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] == '\0' || strcmp (parts[i], ".") == 0 || strcmp (parts[i], "..") == 0)
      return "its name leads out of the archive's folder, or has an empty part";
  return NULL;
}

/* FALSE: there is one of this name. */
static gboolean
take_name (CoreZip *zip, const char *name)
{
  g_autofree char *normal = g_utf8_normalize (name, -1, G_NORMALIZE_DEFAULT_COMPOSE);

  return g_hash_table_add (zip->folded, g_utf8_casefold (normal, -1));
}

static gboolean
read_bytes (Reader *reader, const char *name, GByteArray *bytes, GError **error)
{
  guint8 block[16384];
  gssize n;

  while ((n = archive_read_data (reader->archive, block, sizeof block)) > 0)
    {
      reader->total += (gsize)n;
      if (reader->total > CORE_ZIP_MAX_TOTAL)
        return refuse (error, name, "the files are over 64 MiB together");
      if (reader->total > FREE_MEGABYTE
          && (reader->total - FREE_MEGABYTE) / CORE_ZIP_MAX_RATIO > reader->length)
        return refuse (error, name, "it grows over a hundredfold, as only archives made to do harm do");
      g_byte_array_append (bytes, block, (guint)n);
    }
  return n == 0
         || refuse (error, name, "it is damaged, encrypted or packed by a method that is not known here");
}

static gboolean
read_file (Reader *reader, const char *name, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if (!read_bytes (reader, name, bytes, error))
    return FALSE;
  g_hash_table_insert (reader->zip->files, g_strdup (name),
                       g_byte_array_free_to_bytes (g_steal_pointer (&bytes)));
  return TRUE;
}

static gboolean
read_entry (Reader *reader, ArchiveEntry *entry, GError **error)
{
  const char *raw = archive_entry_pathname_utf8 (entry);
  gboolean is_folder = archive_entry_filetype (entry) == AE_IFDIR;
  g_autofree char *name = NULL;
  const char *problem;

  if (raw == NULL)
    return refuse (error, archive_entry_pathname (entry), "its name is not UTF-8");
  name = g_strdup (raw);
  if (is_folder && g_str_has_suffix (name, "/") && strlen (name) > 1)
    name[strlen (name) - 1] = '\0';
  problem = problem_of_name (name);
  if (problem != NULL)
    return refuse (error, name, problem);
  if (archive_entry_hardlink (entry) != NULL || (!is_folder && archive_entry_filetype (entry) != AE_IFREG))
    return refuse (error, name, "it is a link or a special file");
  if (archive_entry_is_encrypted (entry))
    return refuse (error, name, "it is encrypted");
  if (!take_name (reader->zip, name))
    return refuse (error, name, "there are two of this name");
  return is_folder || read_file (reader, name, error);
}

static gboolean
read_entries (Reader *reader, GError **error)
{
  ArchiveEntry *entry;
  int status;

  while ((status = archive_read_next_header (reader->archive, &entry)) == ARCHIVE_OK)
    {
      if (++reader->n_entries > CORE_ZIP_MAX_ENTRIES)
        return refuse (error, NULL, "it has more than 4096 entries");
      if (!read_entry (reader, entry, error))
        return FALSE;
    }
  return status == ARCHIVE_EOF || refuse (error, NULL, "it is no zip archive, or a damaged one");
}

CoreZip *
core_zip_read (const void *bytes, gsize length, GError **error)
{
  g_autoptr (CoreZip) zip = core_zip_new ();
  locale_t before = enter_utf8 ();
  Reader reader = { archive_read_new (), zip, length, 0, 0 };
  gboolean good;

  archive_read_support_format_zip_seekable (reader.archive);
  if (archive_read_open_memory (reader.archive, bytes, length) == ARCHIVE_OK)
    good = read_entries (&reader, error);
  else
    good = refuse (error, NULL, "it is no zip archive, or a damaged one");
  archive_read_free (reader.archive);
  leave_utf8 (before);
  return good ? g_steal_pointer (&zip) : NULL;
}

GBytes *
core_zip_lookup (const CoreZip *zip, const char *name)
{
  return g_hash_table_lookup (zip->files, name);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

const char **
core_zip_names (const CoreZip *zip)
{
  guint n;
  const char **names = (const char **)g_hash_table_get_keys_as_array (zip->files, &n);

  qsort (names, n, sizeof *names, compare_names);
  return names;
}

gboolean
core_zip_add (CoreZip *zip, const char *name, GBytes *bytes, GError **error)
{
  const char *problem = problem_of_name (name);

  if (problem != NULL)
    return refuse (error, name, problem);
  if (!take_name (zip, name) && core_zip_lookup (zip, name) == NULL)
    return refuse (error, name, "there is one whose name differs in case only");
  g_hash_table_insert (zip->files, g_strdup (name), g_bytes_ref (bytes));
  return TRUE;
}

static la_ssize_t
append (Archive *archive, void *data, const void *bytes, size_t length)
{
  g_byte_array_append (data, bytes, (guint)length);
  return (la_ssize_t)length;
}

/* Without a time set, libarchive writes the first one that zip knows: 1980-01-01 00:00. */
static gboolean
write_file (Archive *archive, const char *name, GBytes *bytes)
{
  g_autoptr (ArchiveEntry) entry = archive_entry_new ();
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);

  archive_entry_set_pathname_utf8 (entry, name);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_perm (entry, 0644);
  archive_entry_set_size (entry, (la_int64_t)length);
  return archive_write_header (archive, entry) == ARCHIVE_OK
         && (length == 0 || archive_write_data (archive, data, length) == (la_ssize_t)length);
}

GBytes *
core_zip_write (const CoreZip *zip, GError **error)
{
  g_autoptr (GByteArray) written = g_byte_array_new ();
  g_autofree const char **names = core_zip_names (zip);
  locale_t before = enter_utf8 ();
  Archive *archive = archive_write_new ();
  gboolean good;

  archive_write_set_format_zip (archive);
  archive_write_set_options (archive, "zip:compression=deflate,zip:hdrcharset=UTF-8");
  archive_write_set_bytes_in_last_block (archive, 1);
  good = archive_write_open (archive, written, NULL, append, NULL) == ARCHIVE_OK;
  for (guint i = 0; good && names[i] != NULL; i++)
    good = write_file (archive, names[i], core_zip_lookup (zip, names[i]));
  good = good && archive_write_close (archive) == ARCHIVE_OK;
  archive_write_free (archive);
  leave_utf8 (before);
  if (good)
    return g_byte_array_free_to_bytes (g_steal_pointer (&written));
  refuse (error, NULL, "it could not be written");
  return NULL;
}
