import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/**
 * The Java peer over HTTPS: embedded Tomcat, which is what WSO2's Key Manager runs in, with a servlet for validateKey
 * that reads the envelope with the JDK's pull parser, and one for introspection. Both answer from a HashMap in memory.
 * What a real Key Manager does besides (Axis2's and Axiom's layers, its caches, its SQL, its user store) is left out,
 * and connections live for ever, in its favour.
 *
 * Usage: TomcatServer PORT WORLD-FILE HEADERS-FILE KEY-STORE FOLDER
 * (PKCS#12, password "changeit", RSA as "key-0" and EC as "key-1"; FOLDER is for Tomcat's own files)
 */
public final class TomcatServer {
  private static final String PASSWORD = "changeit";
  private static final String MAX_THREADS = "250"; // WSO2's catalina-server.xml
  private static final String AUTHORIZATION = "Authorization: ";

  private TomcatServer() {}

  public static void main(String[] args) throws Exception {
    World world = new World(Path.of(args[1]));
    String authorization = readAuthorization(Path.of(args[2]));
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(args[4]);
    tomcat.setConnector(connector(Integer.parseInt(args[0]), args[3]));
    Context context = tomcat.addContext("", args[4]);
    Tomcat.addServlet(context, "soap", new Soap(world, authorization))
        .addMapping("/services/APIKeyValidationService");
    Tomcat.addServlet(context, "introspect", new Introspect(world, authorization)).addMapping("/oauth2/introspect");
    tomcat.start();
    tomcat.getServer().await();
  }

  private static String readAuthorization(Path file) throws IOException {
    return Files.readString(file)
        .lines()
        .filter(line -> line.startsWith(AUTHORIZATION))
        .findFirst()
        .orElseThrow()
        .substring(AUTHORIZATION.length());
  }

  private static Connector connector(int port, String keyStore) {
    Connector connector = new Connector("org.apache.coyote.http11.Http11NioProtocol");
    connector.setPort(port);
    connector.setScheme("https");
    connector.setSecure(true);
    connector.setThrowOnFailure(true);
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("SSLEnabled", "true");
    connector.setProperty("maxThreads", MAX_THREADS);
    connector.setProperty("maxKeepAliveRequests", "-1");
    connector.setProperty("keepAliveTimeout", "-1");
    SSLHostConfig config = new SSLHostConfig();
    config.addCertificate(certificate(config, SSLHostConfigCertificate.Type.RSA, keyStore, "key-0"));
    config.addCertificate(certificate(config, SSLHostConfigCertificate.Type.EC, keyStore, "key-1"));
    connector.addSslHostConfig(config);
    return connector;
  }

  private static SSLHostConfigCertificate certificate(
      SSLHostConfig config, SSLHostConfigCertificate.Type type, String keyStore, String alias) {
    SSLHostConfigCertificate certificate = new SSLHostConfigCertificate(config, type);
    certificate.setCertificateKeystoreFile(keyStore);
    certificate.setCertificateKeystorePassword(PASSWORD);
    certificate.setCertificateKeystoreType("PKCS12");
    certificate.setCertificateKeyAlias(alias);
    return certificate;
  }

  /** A servlet for callers that the gateway's credentials name. */
  private abstract static class Service extends HttpServlet {
    private static final long serialVersionUID = 1;

    final transient World world;
    private final String authorization;

    Service(World world, String authorization) {
      this.world = world;
      this.authorization = authorization;
    }

    abstract String answer(HttpServletRequest request) throws IOException, XMLStreamException;

    abstract String contentType();

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
      if (!authorization.equals(request.getHeader("Authorization"))) {
        response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
        return;
      }
      byte[] body;
      try {
        body = answer(request).getBytes(StandardCharsets.UTF_8);
      } catch (XMLStreamException failure) {
        response.sendError(HttpServletResponse.SC_BAD_REQUEST);
        return;
      }
      response.setContentType(contentType());
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
    }
  }

  private static final class Soap extends Service {
    private static final long serialVersionUID = 1;
    private static final String SOAP = "http://www.w3.org/2003/05/soap-envelope";
    private static final String AXIS2 = "http://org.apache.axis2/xsd";
    private static final String HEAD = "<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv=\""
        + SOAP + "\"><soapenv:Body><ns:validateKeyResponse xmlns:ns=\"" + AXIS2
        + "\"><ns:return xmlns:ax=\"http://dto.impl.apimgt.carbon.wso2.org/xsd\" "
        + "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"ax:APIKeyValidationInfoDTO\">";
    private static final String TAIL =
        "</ns:return></ns:validateKeyResponse></soapenv:Body></soapenv:Envelope>";
    private static final String INVALID_CREDENTIALS = "900901";
    /** Factories must not be shared by threads. */
    private static final ThreadLocal<XMLInputFactory> FACTORY = ThreadLocal.withInitial(() -> {
      XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
      factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
      factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
      return factory;
    });

    Soap(World world, String authorization) {
      super(world, authorization);
    }

    @Override
    String contentType() {
      return "application/soap+xml; charset=UTF-8";
    }

    @Override
    String answer(HttpServletRequest request) throws IOException, XMLStreamException {
      Map<String, String> arguments = readCall(request.getInputStream());
      long now = System.currentTimeMillis();
      World.Token token = world.find(
          arguments.get("accessToken"), arguments.get("context"), arguments.get("version"), now);
      return write(token, now);
    }

    private static Map<String, String> readCall(InputStream stream) throws XMLStreamException {
      XMLStreamReader reader = FACTORY.get().createXMLStreamReader(stream);
      try {
        enter(reader, SOAP, "Envelope");
        enter(reader, SOAP, "Body");
        enter(reader, AXIS2, "validateKey");
        Map<String, String> arguments = new HashMap<>();
        while (reader.nextTag() == XMLStreamConstants.START_ELEMENT) {
          String name = reader.getLocalName();
          arguments.put(name, reader.getElementText());
        }
        while (reader.hasNext()) {
          reader.next();
        }
        return arguments;
      } finally {
        reader.close();
      }
    }

    private static void enter(XMLStreamReader reader, String namespace, String name) throws XMLStreamException {
      reader.nextTag();
      reader.require(XMLStreamConstants.START_ELEMENT, namespace, name);
    }

    /** The elements of the 2.x profile, in its order; a null token gives a refusal. */
    private static String write(World.Token token, long now) {
      boolean good = token != null;
      World.Subscription subscription = good ? token.subscription : null;
      StringBuilder text = new StringBuilder(2048).append(HEAD);
      add(text, "apiName", good ? subscription.apiName : null);
      add(text, "apiPublisher", good ? subscription.apiPublisher : null);
      add(text, "apiTier", good ? "Unlimited" : null);
      add(text, "applicationId", good ? subscription.applicationId : null);
      add(text, "applicationName", good ? subscription.applicationName : null);
      add(text, "applicationTier", good ? "Unlimited" : null);
      add(text, "authorized", Boolean.toString(good));
      add(text, "authorizedDomains", null);
      add(text, "consumerKey", good ? subscription.consumerKey : null);
      add(text, "contentAware", "false");
      add(text, "endUserName", good ? token.endUser : null);
      add(text, "endUserToken", null);
      add(text, "issuedTime", Long.toString(good ? now : 0));
      add(text, "scopes", good ? "default" : null);
      add(text, "spikeArrestLimit", "0");
      add(text, "spikeArrestUnit", null);
      add(text, "stopOnQuotaReach", Boolean.toString(good));
      add(text, "subscriber", good ? subscription.subscriber : null);
      add(text, "subscriberTenantDomain", good ? "carbon.super" : null);
      add(text, "throttlingDataList", good ? "api_level_throttling_key" : null);
      add(text, "tier", good ? "Gold" : null);
      add(text, "type", good ? "PRODUCTION" : null);
      add(text, "userType", good ? "APPLICATION_USER" : null);
      add(text, "validationStatus", good ? "0" : INVALID_CREDENTIALS);
      add(text, "validityPeriod", Long.toString(good ? token.endMs - now : 0));
      return text.append(TAIL).toString();
    }

    private static void add(StringBuilder text, String name, String value) {
      text.append("<ax:").append(name);
      if (value == null) {
        text.append(" xsi:nil=\"true\"/>");
        return;
      }
      text.append('>');
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        switch (c) {
          case '<' -> text.append("&lt;");
          case '>' -> text.append("&gt;");
          case '&' -> text.append("&amp;");
          default -> text.append(c);
        }
      }
      text.append("</ax:").append(name).append('>');
    }
  }

  private static final class Introspect extends Service {
    private static final long serialVersionUID = 1;

    Introspect(World world, String authorization) {
      super(world, authorization);
    }

    @Override
    String contentType() {
      return "application/json";
    }

    /** Values have nothing that JSON escapes. */
    @Override
    String answer(HttpServletRequest request) {
      World.Token token = world.find(request.getParameter("token"), System.currentTimeMillis());
      if (token == null) {
        return "{\"active\":false}";
      }
      return "{\"active\":true,\"nbf\":" + token.beginMs / 1000 + ",\"scope\":\"default\",\"username\":\""
          + token.endUser + "\",\"token_type\":\"Bearer\",\"client_id\":\"" + token.subscription.consumerKey
          + "\",\"iat\":" + token.beginMs / 1000 + ",\"exp\":" + token.endMs / 1000 + "}";
    }
  }
}
