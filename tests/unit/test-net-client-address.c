/* Networks of the configuration, and X-Forwarded-For of proxies in them. */
#include "config.h"
#include "net/net-http-client-address.h"

#include <string.h>

static ApimNetworks *
parse (const char *text)
{
  g_autofree char *wrong = NULL;
  ApimNetworks *networks = apim_networks_parse (text, &wrong);

  g_assert_cmpstr (wrong, ==, NULL);
  return networks;
}

static void
test_networks (void)
{
  static const struct
  {
    const char *networks, *address;
    gboolean in;
  } rows[] = {
    { "10.0.0.7", "10.0.0.7", TRUE },
    { "10.0.0.7", "10.0.0.8", FALSE },
    { "10.0.0.7", "::ffff:10.0.0.7", TRUE },
    { "::ffff:10.0.0.7", "10.0.0.7", TRUE },
    { "192.0.2.1, 10.1.0.0/16\n::1", "10.1.255.255", TRUE },
    { "192.0.2.1, 10.1.0.0/16\n::1", "10.2.0.0", FALSE },
    { "192.0.2.1, 10.1.0.0/16\n::1", "::1", TRUE },
    { "10.1.7.9/12", "10.15.0.1", TRUE },
    { "10.1.7.9/12", "10.16.0.1", FALSE },
    { "0.0.0.0/0", "255.255.255.255", TRUE },
    { "0.0.0.0/0", "2001:db8::1", FALSE },
    { "::/0", "10.0.0.1", TRUE },
    { "2001:db8::/33", "2001:db8:7fff::1", TRUE },
    { "2001:db8::/33", "2001:db8:8000::1", FALSE },
    { "", "10.0.0.1", FALSE },
  };
  static const char *const wrongs[] = { "proxy.example", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "::/129", "::1/-1", "10.0.0.1/x" };
  g_autoptr (GString) many = g_string_new (NULL);
  ApimAddress address;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (ApimNetworks) networks = parse (rows[i].networks);

      g_test_message ("%s in %s", rows[i].address, rows[i].networks);
      g_assert_true (apim_address_read (rows[i].address, strlen (rows[i].address), &address));
      g_assert_cmpint (apim_networks_have (networks, &address), ==, rows[i].in);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (wrongs); i++)
    {
      g_autofree char *text = g_strconcat ("10.0.0.1 ", wrongs[i], NULL), *wrong = NULL;

      g_assert_null (apim_networks_parse (text, &wrong));
      g_assert_cmpstr (wrong, ==, wrongs[i]);
    }
  for (guint i = 0; i <= APIM_NETWORKS_MAX; i++)
    {
      g_autofree char *wrong = NULL;
      g_autoptr (ApimNetworks) networks = apim_networks_parse (many->str, &wrong);

      g_assert_true (networks != NULL);
      g_string_append (many, " ::1");
    }
  {
    g_autofree char *wrong = NULL;

    g_assert_null (apim_networks_parse (many->str, &wrong));
    g_assert_cmpstr (wrong, ==, "::1");
  }
}

static void
test_clients (void)
{
  static const struct
  {
    const char *peer;
    const char *lists[2]; /* one header each */
    const char *client;
  } rows[] = {
    { "10.0.0.1", { NULL }, "10.0.0.1" },
    { "192.0.2.1", { "203.0.113.5" }, "192.0.2.1" }, /* nobody trusts it */
    { "10.0.0.1", { "203.0.113.5" }, "203.0.113.5" },
    { "::ffff:10.0.0.1", { "203.0.113.5" }, "203.0.113.5" },
    { "10.0.0.1", { "::ffff:203.0.113.5" }, "203.0.113.5" },
    { "10.0.0.1", { "2001:DB8:0:0::5" }, "2001:db8::5" },
    { "10.0.0.1", { "6.6.6.6, 203.0.113.5" }, "203.0.113.5" }, /* what the client wrote is not looked at */
    { "10.0.0.1", { "6.6.6.6, 203.0.113.5 ,10.9.9.9" }, "203.0.113.5" },
    { "10.0.0.1", { "6.6.6.6", "203.0.113.5" }, "203.0.113.5" },
    { "10.0.0.1", { "6.6.6.6, 203.0.113.5", "10.9.9.9" }, "203.0.113.5" },
    { "10.0.0.1", { "10.7.7.7, 10.9.9.9" }, "10.7.7.7" }, /* all of them are ours */
    { "10.0.0.1", { "unknown" }, "10.0.0.1" },
    { "10.0.0.1", { "203.0.113.5, unknown, 10.9.9.9" }, "10.9.9.9" },
    { "10.0.0.1", { "203.0.113.5," }, "10.0.0.1" },
    { "10.0.0.1", { "203.0.113.5:4711" }, "10.0.0.1" },
    { "10.0.0.1", { "" }, "10.0.0.1" },
    { "not an address", { "203.0.113.5" }, "not an address" },
  };
  g_autoptr (ApimNetworks) proxies = parse ("10.0.0.0/8");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      static NetHttpRequest request;
      char client[APIM_ADDRESS_TEXT];

      g_test_message ("row %" G_GSIZE_FORMAT, i);
      request.n_headers = 0;
      for (guint j = 0; j < G_N_ELEMENTS (rows[i].lists) && rows[i].lists[j] != NULL; j++)
        request.headers[request.n_headers++]
            = (NetHttpHeader){ { "X-Forwarded-FOR", 15 }, { rows[i].lists[j], strlen (rows[i].lists[j]) } };
      net_http_client_address (&(NetHttpTrust){ .proxies = proxies }, &request, rows[i].peer, client);
      g_assert_cmpstr (client, ==, rows[i].client);
      net_http_client_address (&(NetHttpTrust){ .proxies = NULL }, &request, rows[i].peer, client);
      g_assert_cmpstr (client, ==, rows[i].peer);
    }
}

/* Its address says nothing: everybody on the machine has it. */
static void
test_own_gateway (void)
{
  static const struct
  {
    const char *known, *shown, *client; /* nullable: no mark */
  } rows[] = {
    { "mark-of-ours", "mark-of-ours", "203.0.113.5" },
    { "mark-of-ours", "mark-of-other", "127.0.0.1" },
    { "mark-of-ours", "mark-of-our", "127.0.0.1" },
    { "mark-of-ours", "", "127.0.0.1" },
    { "mark-of-ours", NULL, "127.0.0.1" },
    { NULL, "mark-of-ours", "127.0.0.1" },
    { NULL, "", "127.0.0.1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      static NetHttpRequest request;
      char client[APIM_ADDRESS_TEXT];

      g_test_message ("row %" G_GSIZE_FORMAT, i);
      request.n_headers = 1;
      request.headers[0] = (NetHttpHeader){ { "X-Forwarded-For", 15 }, { "6.6.6.6, 203.0.113.5", 20 } };
      if (rows[i].shown != NULL)
        request.headers[request.n_headers++]
            = (NetHttpHeader){ { NET_HTTP_GATEWAY_MARK, strlen (NET_HTTP_GATEWAY_MARK) },
                               { rows[i].shown, strlen (rows[i].shown) } };
      net_http_client_address (&(NetHttpTrust){ .gateway_mark = rows[i].known }, &request, "127.0.0.1", client);
      g_assert_cmpstr (client, ==, rows[i].client);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/client-address/networks", test_networks);
  g_test_add_func ("/net/client-address/clients", test_clients);
  g_test_add_func ("/net/client-address/own-gateway", test_own_gateway);
  return g_test_run ();
}
