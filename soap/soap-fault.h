/* SOAP faults, as Axis2 forms them (spec/soap-and-oauth.md 1.9).
 *
 * HTTP status: 500 for each, also where SOAP 1.2 would say 400: clients of Axis2's older releases read the body of no
 * other error. A fault of Carbon's security has a code of its own ("50977"), in SOAP 1.2 too, whose codes are five: as
 * a subcode, which must be a name, it would stop strict readers.
 * Threads: pure functions over the caller's buffer. */
#ifndef SOAP_FAULT_H
#define SOAP_FAULT_H

#include "soap/soap-writer.h"

G_BEGIN_DECLS

#define SOAP_FAULT_STATUS 500

typedef enum
{
  SOAP_FAULT_SENDER,   /* 1.1: Client */
  SOAP_FAULT_RECEIVER, /* 1.1: Server */
  SOAP_FAULT_VERSION_MISMATCH,
  SOAP_FAULT_MUST_UNDERSTAND,
} SoapFaultCode;

typedef struct
{
  SoapFaultCode code;
  const char *special_code; /* nullable: "50977"; instead of code */
  const char *reason;
  /* Nullable, both or none: a typed detail, <ns:ServiceException><ns:Exception/></ns:ServiceException> in @namespace.
   */
  const char *service;
  const char *exception;
  const char *namespace;
  const char *detail; /* nullable: a detail that is a text, where there is no exception */
} SoapFault;

/* The whole envelope. */
void soap_write_fault (NetBuffer *output, SoapVersion version, const SoapFault *fault);

/* The fault for a message that soap_reader_read() did not take. */
SoapFault soap_fault_of_read (SoapRead result, const char *why);

/* The words of a fault of either version that a server sent; without what would make two lines of a log line. @fault: the
 * Body's child "Fault". Free with g_free(). */
char *soap_fault_reason (const SoapElement *fault);

G_END_DECLS
#endif
