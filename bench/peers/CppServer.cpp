/* The C++ peer: Apache Thrift's TThreadedServer over TSSLServerSocket, as its tutorial puts them together,
 * answering from a map in memory.
 *
 *   CppServer PORT WORLD-FILE SESSION-FILE KEY-FILE... */
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TSSLServerSocket.h>
#include <thrift/transport/TSSLSocket.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "APIKeyValidationService.h"

using namespace apache::thrift;

namespace {

constexpr int64_t kLifeMs = 86400000;
constexpr int32_t kInvalidCredentials = 900901;

/* What is the same for all tokens of an application. */
struct Subscription {
  std::string context, version, consumerKey, applicationId, applicationName, subscriber, apiName,
      apiPublisher;
};

struct Token {
  std::string endUser;
  int64_t endMs;
  std::shared_ptr<const Subscription> subscription;
};

int64_t nowMs() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
  return fields;
}

class Handler : public APIKeyValidationServiceIf {
 public:
  Handler(const std::string& worldFile, const std::string& sessionFile) {
    std::ifstream session(sessionFile);
    std::getline(session, session_);
    std::unordered_map<std::string, std::shared_ptr<const Subscription>> subscriptions;
    std::ifstream world(worldFile);
    const int64_t endMs = nowMs() + kLifeMs;
    for (std::string line; std::getline(world, line);) {
      const auto f = split(line);
      auto& subscription = subscriptions[f.at(6)];
      if (!subscription)
        subscription = std::make_shared<Subscription>(
            Subscription{f.at(1), f.at(2), f.at(6), f.at(7), f.at(8), f.at(9), f.at(10), f.at(11)});
      tokens_.emplace(f.at(0), Token{f.at(5), endMs, subscription});
    }
    if (session_.empty() || tokens_.empty()) throw std::runtime_error("no session or no tokens");
  }

  void validateKey(APIKeyValidationInfoDTO& answer, const std::string& context, const std::string& version,
                   const std::string& accessToken, const std::string& sessionId, const std::string&,
                   const std::string&, const std::string&, const std::string&) override {
    checkSession(sessionId);
    const auto found = tokens_.find(accessToken);
    const int64_t now = nowMs();
    if (found == tokens_.end() || found->second.endMs < now ||
        found->second.subscription->context != context || found->second.subscription->version != version)
      refuse(answer);
    else
      grant(answer, found->second, now);
  }

  void getAllURITemplates(std::vector<URITemplate>&, const std::string&, const std::string&,
                          const std::string& sessionId) override {
    checkSession(sessionId);
  }

  void validateKeyforHandshake(APIKeyValidationInfoDTO& answer, const std::string&, const std::string&,
                               const std::string&, const std::string& sessionId) override {
    checkSession(sessionId);
    refuse(answer);
  }

 private:
  void checkSession(const std::string& sessionId) const {
    if (sessionId == session_) return;
    APIKeyMgtException exception;
    exception.message = "Invalid session id for thrift authenticator.";
    throw exception;
  }

  static void refuse(APIKeyValidationInfoDTO& answer) {
    answer.__set_authorized(false);
    answer.__set_validationStatus(kInvalidCredentials);
    answer.__set_validityPeriod(0);
    answer.__set_issuedTime(0);
    answer.__set_isContentAware(false);
    answer.__set_spikeArrestLimit(0);
    answer.__set_stopOnQuotaReach(false);
  }

  static void grant(APIKeyValidationInfoDTO& answer, const Token& token, int64_t now) {
    const Subscription& subscription = *token.subscription;
    answer.__set_authorized(true);
    answer.__set_subscriber(subscription.subscriber);
    answer.__set_tier("Gold");
    answer.__set_type("PRODUCTION");
    answer.__set_endUserName(token.endUser);
    answer.__set_applicationName(subscription.applicationName);
    answer.__set_validationStatus(0);
    answer.__set_applicationId(subscription.applicationId);
    answer.__set_applicationTier("Unlimited");
    answer.__set_apiName(subscription.apiName);
    answer.__set_consumerKey(subscription.consumerKey);
    answer.__set_apiPublisher(subscription.apiPublisher);
    answer.__set_validityPeriod(token.endMs - now);
    answer.__set_issuedTime(now);
    answer.__set_isContentAware(false);
    answer.__set_apiTier("Unlimited");
    answer.__set_throttlingDataList({"api_level_throttling_key"});
    answer.__set_spikeArrestLimit(0);
    answer.__set_subscriberTenantDomain("carbon.super");
    answer.__set_stopOnQuotaReach(true);
  }

  std::string session_;
  std::unordered_map<std::string, Token> tokens_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: CppServer PORT WORLD-FILE SESSION-FILE KEY-FILE...\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  auto factory = std::make_shared<transport::TSSLSocketFactory>();
  factory->server(true);
  for (int i = 4; i < argc; i++) {
    factory->loadCertificate(argv[i]);
    factory->loadPrivateKey(argv[i]);
  }
  auto processor =
      std::make_shared<APIKeyValidationServiceProcessor>(std::make_shared<Handler>(argv[2], argv[3]));
  server::TThreadedServer server(
      processor, std::make_shared<transport::TSSLServerSocket>("127.0.0.1", std::stoi(argv[1]), factory),
      std::make_shared<transport::TBufferedTransportFactory>(),
      std::make_shared<protocol::TBinaryProtocolFactory>());
  server.serve();
  return 0;
}
