/* multipart/form-data bodies (RFC 7578, RFC 2046 5.1), as curl and browsers send files, read strictly: what
 * two programs could read differently is refused.
 *
 * Own, because libsoup's reader of multipart input had memory errors with hostile bodies (CVE-2025-4948,
 * CVE-2025-32914), wants libsoup's own messages, and copies what it reads; this one is small and fuzzed
 * (tests/fuzz/fuzz-multipart.c). Threads: pure functions over the caller's memory. */
#ifndef PT_MULTIPART_H
#define PT_MULTIPART_H

#include "net/net-http-request.h"

G_BEGIN_DECLS

#define PT_MULTIPART_MAX_PARTS 256   /* parts of one body */
#define PT_MULTIPART_MAX_HEAD 4096   /* bytes of one part's headers */
#define PT_MULTIPART_MAX_BOUNDARY 70 /* RFC 2046 5.1.1 */

typedef struct
{
  char *name;        /* of the field; UTF-8 */
  char *file_name;   /* nullable: a field without a file. UTF-8, the name behind the last "/" or "\" only; may
                        be "" */
  char *type;        /* nullable: Content-Type of the part */
  const char *bytes; /* into the body; not terminated */
  gsize length;
} PtPart;

typedef struct _PtMultipart PtMultipart;

/* Whether the request's Content-Type is multipart/form-data. */
gboolean pt_multipart_is_in (const NetHttpRequest *request);

/* @content_type: with its boundary. @body: must outlive the result. @error: (out): on NULL: what is wrong, in
 * words for the peer (static). */
PtMultipart *pt_multipart_parse (NetHttpText content_type, const char *body, gsize length,
                                 const char **error);
void pt_multipart_free (PtMultipart *multipart);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtMultipart, pt_multipart_free)

/* The first part of this name; NULL when there is none. */
const PtPart *pt_multipart_find (const PtMultipart *multipart, const char *name);
guint pt_multipart_length (const PtMultipart *multipart);
const PtPart *pt_multipart_part (const PtMultipart *multipart, guint index);

G_END_DECLS
#endif
