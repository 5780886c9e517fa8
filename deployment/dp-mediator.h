/* The mediators of Synapse that generated API files are made of, one function each.
 * Threads: one per document. */
#ifndef DP_MEDIATOR_H
#define DP_MEDIATOR_H

#include "deployment/dp-xml.h"

G_BEGIN_DECLS

/* <property name value scope>. @scope: (nullable): the message's own; else "axis2" or "transport". */
void dp_mediator_property (DpXml *xml, const char *name, const char *value, const char *scope);
/* <property name expression scope>. @expression: XPath, made of literals of ours and of dp_xpath_literal().
 */
void dp_mediator_expression (DpXml *xml, const char *name, const char *expression, const char *scope);
/* <property name scope action="remove">. */
void dp_mediator_remove (DpXml *xml, const char *name, const char *scope);
/* <header name="To" action="remove">. */
void dp_mediator_answer (DpXml *xml);
/* <class name>, without properties. */
void dp_mediator_class (DpXml *xml, const char *name);
/* <send/>. */
void dp_mediator_send (DpXml *xml);

/* @text as it can stand among the arguments of XPath's concat(): 'text', or "text" where it holds quotes;
 * both kinds: several arguments. Free with g_free(). */
char *dp_xpath_literal (const char *text);

G_END_DECLS
#endif
