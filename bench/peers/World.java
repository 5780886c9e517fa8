import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** The tokens that the Java peers answer from: the file that bench/make-tokens writes, in a HashMap. */
final class World {
  private static final long LIFE_MS = 86400000;

  private final Map<String, Token> tokens = new HashMap<>();

  /** What is the same for all tokens of an application. */
  static final class Subscription {
    final String context, version, consumerKey, applicationId, applicationName, subscriber, apiName,
        apiPublisher;

    Subscription(String[] fields) {
      context = fields[1];
      version = fields[2];
      consumerKey = fields[6];
      applicationId = fields[7];
      applicationName = fields[8];
      subscriber = fields[9];
      apiName = fields[10];
      apiPublisher = fields[11];
    }
  }

  static final class Token {
    final String endUser;
    final long beginMs, endMs;
    final Subscription subscription;

    Token(String endUser, long beginMs, Subscription subscription) {
      this.endUser = endUser;
      this.beginMs = beginMs;
      this.endMs = beginMs + LIFE_MS;
      this.subscription = subscription;
    }
  }

  World(Path file) throws IOException {
    Map<String, Subscription> subscriptions = new HashMap<>();
    long beginMs = System.currentTimeMillis();
    try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
      lines.forEach(line -> {
        String[] fields = line.split("\t");
        Subscription subscription = subscriptions.computeIfAbsent(fields[6], key -> new Subscription(fields));
        tokens.put(fields[0], new Token(fields[5], beginMs, subscription));
      });
    }
  }

  /** Null: unknown or expired. */
  Token find(String accessToken, long nowMs) {
    Token token = tokens.get(accessToken);
    return token == null || token.endMs < nowMs ? null : token;
  }

  /** Null: unknown, expired, or for another API. */
  Token find(String accessToken, String context, String version, long nowMs) {
    Token token = find(accessToken, nowMs);
    return token == null || !token.subscription.context.equals(context)
            || !token.subscription.version.equals(version)
        ? null
        : token;
  }
}
