import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.apache.thrift.server.TServer;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.transport.TSSLTransportFactory;
import org.apache.thrift.transport.TSSLTransportFactory.TSSLTransportParameters;

/**
 * The Java peer: the server as WSO2's Key Manager sets it up (specification 3.2), a TThreadPoolServer with
 * default arguments over TSSLTransportFactory, answering from a HashMap in memory. What a real Key Manager
 * does besides (its caches, its SQL, its session DAO) is left out, in its favour.
 *
 * Usage: JavaServer PORT WORLD-FILE SESSION-FILE KEY-STORE (PKCS#12, password "changeit")
 */
public final class JavaServer {
  private static final int TIMEOUT_MS = 10000;
  private static final int INVALID_CREDENTIALS = 900901;

  private JavaServer() {}

  public static void main(String[] args) throws Exception {
    TSSLTransportParameters parameters = new TSSLTransportParameters();
    parameters.setKeyStore(args[3], "changeit", null, "PKCS12");
    Handler handler = new Handler(Path.of(args[1]), Path.of(args[2]));
    new TThreadPoolServer(new TThreadPoolServer
                              .Args(TSSLTransportFactory.getServerSocket(Integer.parseInt(args[0]),
                                  TIMEOUT_MS, InetAddress.getByName("127.0.0.1"), parameters))
                              .processor(new APIKeyValidationService.Processor<>(handler)))
        .serve();
  }

  private static final class Handler implements APIKeyValidationService.Iface {
    private final World world;
    private final String session;

    Handler(Path world, Path session) throws IOException {
      this.session = Files.readString(session).strip();
      this.world = new World(world);
    }

    @Override
    public APIKeyValidationInfoDTO validateKey(String context, String version, String accessToken,
        String sessionId, String level, String domain, String resource, String verb)
        throws APIKeyMgtException {
      checkSession(sessionId);
      long now = System.currentTimeMillis();
      World.Token token = world.find(accessToken, context, version, now);
      return token == null ? refusal() : grant(token, now);
    }

    @Override
    public List<URITemplate> getAllURITemplates(String context, String version, String sessionId)
        throws APIKeyMgtException {
      checkSession(sessionId);
      return Collections.emptyList();
    }

    @Override
    public APIKeyValidationInfoDTO validateKeyforHandshake(
        String context, String version, String accessToken, String sessionId) throws APIKeyMgtException {
      checkSession(sessionId);
      return refusal();
    }

    private void checkSession(String sessionId) throws APIKeyMgtException {
      if (!session.equals(sessionId)) {
        throw new APIKeyMgtException("Invalid session id for thrift authenticator.");
      }
    }

    private static APIKeyValidationInfoDTO refusal() {
      APIKeyValidationInfoDTO answer = new APIKeyValidationInfoDTO();
      answer.setAuthorized(false);
      answer.setValidationStatus(INVALID_CREDENTIALS);
      answer.setValidityPeriod(0);
      answer.setIssuedTime(0);
      answer.setIsContentAware(false);
      answer.setSpikeArrestLimit(0);
      answer.setStopOnQuotaReach(false);
      return answer;
    }

    private static APIKeyValidationInfoDTO grant(World.Token token, long now) {
      World.Subscription subscription = token.subscription;
      APIKeyValidationInfoDTO answer = new APIKeyValidationInfoDTO();
      answer.setAuthorized(true);
      answer.setSubscriber(subscription.subscriber);
      answer.setTier("Gold");
      answer.setType("PRODUCTION");
      answer.setEndUserName(token.endUser);
      answer.setApplicationName(subscription.applicationName);
      answer.setValidationStatus(0);
      answer.setApplicationId(subscription.applicationId);
      answer.setApplicationTier("Unlimited");
      answer.setApiName(subscription.apiName);
      answer.setConsumerKey(subscription.consumerKey);
      answer.setApiPublisher(subscription.apiPublisher);
      answer.setValidityPeriod(token.endMs - now);
      answer.setIssuedTime(now);
      answer.setIsContentAware(false);
      answer.setApiTier("Unlimited");
      answer.setThrottlingDataList(Collections.singletonList("api_level_throttling_key"));
      answer.setSpikeArrestLimit(0);
      answer.setSubscriberTenantDomain("carbon.super");
      answer.setStopOnQuotaReach(true);
      return answer;
    }
  }
}
