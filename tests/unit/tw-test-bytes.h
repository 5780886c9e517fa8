/* Messages for the Thrift tests: the golden bytes of spec/thrift-key-validation.md 9, and a few calls to lay out
 * others. */
#ifndef TW_TEST_BYTES_H
#define TW_TEST_BYTES_H

#include "thrift/tw-message.h"

#define GOLDEN_TOKEN "a1b2c3d4e5f60718293a4b5c6d7e8f90"
#define GOLDEN_SESSION "5c3f0a1e-7b42-4d6a-9e10-2f8c6b7d9a01"

/* 9.1 */
#define GOLDEN_VALIDATE_KEY                                                                                            \
  "800100010000000b76616c69646174654b6579000000010b00010000000c2f77"                                                   \
  "6561746865722f312e300b000200000003312e300b0003000000206131623263"                                                   \
  "3364346535663630373138323933613462356336643765386639300b00040000"                                                   \
  "002435633366306131652d376234322d346436612d396531302d326638633662"                                                   \
  "3764396130310b000500000003416e790b0007000000072f636974792f2a0b00"                                                   \
  "080000000347455400"
/* 9.2 */
#define GOLDEN_GRANTED                                                                                                 \
  "800100020000000b76616c69646174654b6579000000010c0000020001010b00"                                                   \
  "0200000005616c6963650b000300000004476f6c640b00040000000a50524f44"                                                   \
  "554354494f4e0b000600000010626f6240636172626f6e2e73757065720b0007"                                                   \
  "0000000850686f6e65417070080008000000000b000900000001370b000a0000"                                                   \
  "0009556e6c696d697465640b000b00000007576561746865720b000c00000007"                                                   \
  "636b5f396641330b000d000000056361726f6c0a0010000000000036ee800a00"                                                   \
  "110000015d3ef79800020012000b001300000009556e6c696d697465640f0014"                                                   \
  "0b00000001000000186170695f6c6576656c5f7468726f74746c696e675f6b65"                                                   \
  "79080015000000000b00160000000c636172626f6e2e73757065720200180100"                                                   \
  "00"
/* 9.3; with APIManagementException in its place the field id differs */
#define GOLDEN_INVALID_SESSION                                                                                         \
  "800100020000000b76616c69646174654b6579000000010c00010b0001000000"                                                   \
  "2c496e76616c69642073657373696f6e20696420666f72207468726966742061"                                                   \
  "757468656e74696361746f722e0000"
#define GOLDEN_INVALID_SESSION_2                                                                                       \
  "800100020000000b76616c69646174654b6579000000010c00020b0001000000"                                                   \
  "2c496e76616c69642073657373696f6e20696420666f72207468726966742061"                                                   \
  "757468656e74696361746f722e0000"
/* 9.4 */
#define GOLDEN_REFUSED                                                                                                 \
  "800100020000000b76616c69646174654b6579000000020c0000020001000800"                                                   \
  "08000dbf250a001000000000000000000a001100000000000000000200120008"                                                   \
  "001500000000020018000000"
/* 9.5 */
#define GOLDEN_GENERATION_1                                                                                            \
  "800100010000000b76616c69646174654b6579000000010b0001000000082f77"                                                   \
  "6561746865720b000200000003312e300b000300000003746f6b0b0004000000"                                                   \
  "037369640b000500000003416e7900"
/* 9.6 */
#define GOLDEN_UNKNOWN_METHOD                                                                                          \
  "800100030000000470696e67000000090b00010000001b496e76616c6964206d"                                                   \
  "6574686f64206e616d653a202770696e67270800020000000100"
/* 9.7 */
#define GOLDEN_GET_ALL_URI_TEMPLATES                                                                                   \
  "8001000100000012676574416c6c55524954656d706c61746573000000030b00"                                                   \
  "010000000c2f776561746865722f312e300b000200000003312e300b00030000"                                                   \
  "000373696400"
#define GOLDEN_URI_TEMPLATES                                                                                           \
  "8001000200000012676574416c6c55524954656d706c61746573000000030f00"                                                   \
  "000c000000010b0001000000072f636974792f2a0b0004000000034745540b00"                                                   \
  "0500000003416e790b000600000009556e6c696d697465640000"
/* 9.8 */
#define GOLDEN_LOGIN "8221010c61757468656e746963617465180561646d696e180561646d696e00"
#define GOLDEN_LOGIN_SESSION                                                                                           \
  "8241010c61757468656e74696361746508002435633366306131652d37623432"                                                   \
  "2d346436612d396531302d32663863366237643961303100"
#define GOLDEN_LOGIN_REFUSED                                                                                           \
  "8241010c61757468656e7469636174651c181f55736572202761646d696e2720"                                                   \
  "6e6f742061757468656e746963617465642e0000"
/* 9.9 */
#define GOLDEN_LOGIN_BINARY                                                                                            \
  "800100010000000c61757468656e746963617465000000010b00010000000561"                                                   \
  "646d696e0b00020000000561646d696e00"

/* (transfer full) */
GByteArray *bytes_from_hex (const char *hex);
/* Free with g_free(). */
char *bytes_to_hex (const guint8 *bytes, gsize length);

void bytes_add_u8 (GByteArray *bytes, guint value);
void bytes_add_u32 (GByteArray *bytes, guint32 value);
void bytes_add_text (GByteArray *bytes, const char *text);
/* The header of a field; the value follows. */
void bytes_add_field (GByteArray *bytes, guint type, guint id);
void bytes_add_field_text (GByteArray *bytes, guint id, const char *text);
/* A new message up to and with its envelope, strict. (transfer full) */
GByteArray *bytes_new_message (guint type, const char *name, gint32 sequence_id);
/* The same for a message that is not strict. */
GByteArray *bytes_new_old_message (guint type, const char *name, gint32 sequence_id);

#endif
