/* The XML of a SAML assertion, parsed within limits: no DOCTYPE, so no entities but XML's own five, no
 * processing instructions, nothing loaded. UTF-8 only, whatever an XML declaration says. Threads: any; a
 * document is of one at a time. */
#ifndef KV_SAML_DOCUMENT_H
#define KV_SAML_DOCUMENT_H

#include <glib.h>
#include <libxml/tree.h>

G_BEGIN_DECLS

#define KV_SAML_MAX_BYTES (48 * 1024) /* what a form of KV_OAUTH_MAX_FORM can hold in base64 */
#define KV_SAML_MAX_ELEMENTS 4096
#define KV_SAML_MAX_DEPTH 32
/* Attributes and namespace declarations, counted by their "=", as in soap-envelope.h: the parser's time grows
 * with the square of those of one element. */
#define KV_SAML_MAX_EQUALS_SIGNS 4096

#define KV_SAML_NAMESPACE "urn:oasis:names:tc:SAML:2.0:assertion"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlDoc, xmlFreeDoc)

/* NULL with KV_SAML_ERROR_REFUSED. (transfer full) */
xmlDoc *kv_saml_document_parse (const char *bytes, gsize length, GError **error);

/* Whether it is an element of this name. */
gboolean kv_saml_is (const xmlNode *node, const char *namespace, const char *name);

/* The first element of this name among @parent's children behind @previous (nullable: from the start).
 * (nullable) */
xmlNode *kv_saml_next (const xmlNode *parent, const xmlNode *previous, const char *namespace,
                       const char *name);

/* The only such child; NULL: there is none, or more than one. */
xmlNode *kv_saml_only (const xmlNode *parent, const char *namespace, const char *name);

/* The attribute of this name that has no namespace. Free with g_free(). (nullable) */
char *kv_saml_attribute (const xmlNode *node, const char *name);

/* The text of an element that has nothing but text: all of it, whatever comments and CDATA sections it is cut
 * by, because comments are not part of what is signed; without white space around it. NULL: there is an
 * element in it. Free with g_free(). */
char *kv_saml_text (const xmlNode *node);

/* The element behind @node in the order of the document, below @root; NULL after the last. */
xmlNode *kv_saml_walk (const xmlNode *root, const xmlNode *node);

G_END_DECLS
#endif
