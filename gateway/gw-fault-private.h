/* A fault in words, between what it says (gw-fault) and how that is written (gw-fault-format). */
#ifndef GW_FAULT_PRIVATE_H
#define GW_FAULT_PRIVATE_H

#include "gateway/gw-fault.h"

G_BEGIN_DECLS

#define GW_FAULT_MAX_CHILDREN 4

/* An element of a fault; its text is UTF-8 without control characters. */
typedef struct
{
  const char *name;
  const char *value;
} GwFaultChild;

/* 2.1. */
typedef struct
{
  const char *root;
  const char *prefix, *namespace; /* nullable, both or none */
  GwFaultChild children[GW_FAULT_MAX_CHILDREN];
  guint n_children;
} GwFaultBody;

typedef enum
{
  GW_FAULT_FORMAT_XML,
  GW_FAULT_FORMAT_SOAP_1_1, /* the body in an envelope */
  GW_FAULT_FORMAT_SOAP_1_2,
  GW_FAULT_FORMAT_JSON,
  GW_FAULT_FORMAT_BADGERFISH,
  GW_FAULT_FORMAT_TEXT,
  GW_FAULT_FORMAT_FORM,
  GW_FAULT_FORMAT_MULTIPART,
} GwFaultFormat;

typedef struct
{
  const char *name; /* the media type, as Accept and sequences name it */
  GwFaultFormat format;
  const char *content_type; /* of the answer */
} GwFaultType;

/* By the exact name, in any case; NULL: none of those of 2.5. */
const GwFaultType *gw_fault_type_find (const char *name, gsize length);

void gw_fault_format (const GwFaultBody *body, GwFaultFormat format, NetBuffer *output);

G_END_DECLS
#endif
