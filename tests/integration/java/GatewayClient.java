import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.transport.THttpClient;
import org.apache.thrift.transport.TSSLTransportFactory;
import org.apache.thrift.transport.TSSLTransportFactory.TSSLTransportParameters;
import org.apache.thrift.transport.TTransport;
import org.apim.test.authentication.AuthenticatorService;
import org.apim.test.gen4.APIKeyValidationInfoDTO;
import org.apim.test.gen4.APIKeyValidationService;

/**
 * Does what a WSO2 gateway does, with the same library: logs in over HTTPS without looking at the certificate, then
 * validates keys over TLS with a trust store and no check of the host name (specification 4.2, 5.1).
 *
 * Usage: GatewayClient HTTPS-PORT THRIFT-PORT TRUST-STORE SECRETS serial|parallel COUNT
 * SECRETS is a file with the lines user, password, token, so that none of them is on the command line.
 * Prints "granted N" at the end; any other answer is an exception.
 */
public final class GatewayClient {
  private static final int TIMEOUT_MS = 60000;
  /** How many connections are being made at a time: each reads the trust store, which is slow in Java. */
  private static final int CONNECTING = 20;

  private final int httpsPort;
  private final int thriftPort;
  private final String trustStore;
  private final String token;

  private GatewayClient(int httpsPort, int thriftPort, String trustStore, String token) {
    this.httpsPort = httpsPort;
    this.thriftPort = thriftPort;
    this.trustStore = trustStore;
    this.token = token;
  }

  public static void main(String[] args) throws Exception {
    List<String> secrets = Files.readAllLines(Path.of(args[3]));
    GatewayClient client =
        new GatewayClient(Integer.parseInt(args[0]), Integer.parseInt(args[1]), args[2], secrets.get(2));
    trustEveryHttpsServer();
    String session = client.login(secrets.get(0), secrets.get(1));
    int count = Integer.parseInt(args[5]);
    int granted = args[4].equals("serial") ? client.serial(session, count) : client.parallel(session, count);
    System.out.println("granted " + granted);
  }

  private String login(String user, String password) throws Exception {
    THttpClient http = new THttpClient("https://127.0.0.1:" + httpsPort + "/thriftAuthenticator");
    http.setConnectTimeout(TIMEOUT_MS);
    http.setReadTimeout(TIMEOUT_MS);
    return new AuthenticatorService.Client(new TCompactProtocol(http)).authenticate(user, password);
  }

  /** Many calls over one connection. The library itself compares the sequence ids. */
  private int serial(String session, int calls) throws Exception {
    TTransport transport = connect();
    APIKeyValidationService.Client client = new APIKeyValidationService.Client(new TBinaryProtocol(transport));
    int granted = 0;
    for (int i = 0; i < calls; i++) {
      granted += validate(client, session);
    }
    transport.close();
    return granted;
  }

  /** Many connections that are open at the same time, each used before and after all the others came. */
  private int parallel(String session, int connections) throws Exception {
    CountDownLatch open = new CountDownLatch(connections);
    Semaphore connecting = new Semaphore(CONNECTING);
    AtomicInteger granted = new AtomicInteger();
    Thread[] threads = new Thread[connections];
    for (int i = 0; i < connections; i++) {
      threads[i] = new Thread(() -> {
        TTransport transport = null;
        try {
          connecting.acquire();
          transport = connect();
          APIKeyValidationService.Client client = new APIKeyValidationService.Client(new TBinaryProtocol(transport));
          validate(client, session);
          connecting.release();
          open.countDown();
          open.await();
          granted.addAndGet(validate(client, session));
        } catch (Exception e) {
          e.printStackTrace();
          System.exit(1);
        } finally {
          if (transport != null) {
            transport.close();
          }
        }
      });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return granted.get();
  }

  private TTransport connect() throws Exception {
    TSSLTransportParameters parameters = new TSSLTransportParameters();
    parameters.setTrustStore(trustStore, "changeit", "PKIX", "PKCS12");
    return TSSLTransportFactory.getClientSocket("127.0.0.1", thriftPort, TIMEOUT_MS, parameters);
  }

  private int validate(APIKeyValidationService.Client client, String session) throws Exception {
    APIKeyValidationInfoDTO answer =
        client.validateKey("/weather/1.0", "1.0", token, session, "Any", null, "/city/*", "GET");
    if (!answer.isAuthorized() || !"alice".equals(answer.getSubscriber()) || answer.getValidationStatus() != 0) {
      throw new IllegalStateException("not granted: status " + answer.getValidationStatus());
    }
    return 1;
  }

  private static void trustEveryHttpsServer() throws Exception {
    TrustManager everything = new X509TrustManager() {
      public void checkClientTrusted(X509Certificate[] chain, String type) {}

      public void checkServerTrusted(X509Certificate[] chain, String type) {}

      public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
      }
    };
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {everything}, new SecureRandom());
    HttpsURLConnection.setDefaultSSLSocketFactory(context.getSocketFactory());
    HttpsURLConnection.setDefaultHostnameVerifier((host, session) -> true);
  }
}
