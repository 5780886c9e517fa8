"""What key validation must answer on every database, whatever release made it: one table.

A case asks about the world of generations.py. It holds on all databases; `needs` names a feature (generations.FEATURES,
with the reason) without which a database cannot hold what is asked about, and `but` the features with which the right
answer is another one. "(3.)" names a decision, "(7.3)" a section of the specification's thrift-key-validation.md,
"(db 5.2)" one of its databases.md.
"""

import dataclasses

FIELDS = {"subscriber": 2, "tier": 3, "type": 4, "end_user": 6, "application": 7, "api": 11, "consumer_key": 12,
          "publisher": 13, "validity": 16, "content_aware": 18, "api_tier": 19, "spike_limit": 21,
          "subscriber_tenant": 22, "spike_unit": 23}
NEVER_EXPIRES = 0x7fffffffffffffff

GRANTED = 0
INVALID, WRONG_KIND, BLOCKED, FORBIDDEN, INACTIVE, NO_SCOPE = 900901, 900905, 900907, 900908, 900909, 900910


@dataclasses.dataclass
class Case:
    words: str
    token: str
    status: int = GRANTED
    context: str = "/weather/1.0"
    version: str = "1.0"
    resource: str = "/city/*"
    verb: str = "GET"
    level: str = "Any"
    fields: dict = dataclasses.field(default_factory=dict)  # of the reply
    needs: str = None
    but: dict = dataclasses.field(default_factory=dict)  # feature -> (status, fields)

    def expected(self, features):
        """(status, fields) on a database with these features."""
        for feature, answer in self.but.items():
            if feature in features:
                return answer
        return self.status, self.fields


def rain(words, token, status=GRANTED, verb="GET", **more):
    return Case(words, token, status, "/forecast/1.0", "1.0", "/rain", verb, **more)


def state(words, name, status=GRANTED, token="good", **more):
    return Case(words, token, status, "/state/%s/1.0" % name, **more)


TOKEN_CASES = [
    Case("a user's token", "good", fields=dict(
        subscriber="alice", tier="Gold", type="PRODUCTION", end_user="bob@carbon.super", application="PhoneApp",
        api="Weather", consumer_key="ck_phone", publisher="carol")),
    Case("an application's token", "application", fields=dict(end_user="bob@carbon.super")),
    Case("the sandbox key", "sandbox", fields=dict(type="SANDBOX", consumer_key="ck_sand")),
    Case("a token without scopes", "without scopes"),
    Case("an e-mail address as user name", "mail user", fields=dict(end_user="sue@mail.org@carbon.super")),
    Case("a user name beyond ASCII", "umlaut user", fields=dict(end_user="jürgen@carbon.super")),
    Case("a user of a secondary store", "secondary", fields=dict(end_user="LDAP/sam@carbon.super")),
    Case("a token in a partition (db 3.3)", "partitioned", fields=dict(end_user="LDAP/sam@carbon.super"),
         needs="partitions"),
    Case("no user store at all is the primary one", "without user store", fields=dict(end_user="bob@carbon.super"),
         needs="numbered"),
    Case("validity -1 never ends", "never expires", fields=dict(validity=NEVER_EXPIRES)),
    Case("any negative validity never ends (db 2.1)", "never expires since -2000", fields=dict(validity=NEVER_EXPIRES)),
    Case("the largest validity never ends", "never expires as in 1.x", fields=dict(validity=NEVER_EXPIRES)),
    Case("one less does not overflow", "for ever, nearly"),
    Case("made at the zero date, never ends", "never expires, from nowhere", fields=dict(validity=NEVER_EXPIRES)),
    Case("made at the zero date", "from nowhere", INVALID),
    Case("expired", "expired", INVALID),
    Case("expired within the skew", "within the skew"),
    Case("expired, and the skew over", "beyond the skew", INVALID),
    Case("no validity counts as none (db 5.2)", "without validity", INVALID),
    Case("revoked", "revoked", INVALID),
    Case("inactive", "inactive", INVALID),
    Case("marked expired, though its time is not over", "marked expired", INVALID),
    Case("unknown", "unknown", INVALID),
    Case("no token", "empty", INVALID),
    Case("the token in another case (db 4.5)", "good in upper case", INVALID),
    Case("the token and a blank (db 4.5)", "good with a blank", INVALID),
    Case("the token without its last letter", "good without its end", INVALID),
    Case("the token and a quote", "good with a quote", INVALID),
    Case("of two tokens that differ in case, the one", "lower twin", fields=dict(end_user="bob@carbon.super"),
         needs="numbered"),
    Case("of two tokens that differ in case, the other", "upper twin", fields=dict(end_user="tess@carbon.super"),
         needs="numbered"),
    Case("the one of them, without hash", "lower twin without hash", fields=dict(end_user="bob@carbon.super"),
         needs="numbered"),
    Case("the other of them, without hash", "upper twin without hash", fields=dict(end_user="tess@carbon.super"),
         needs="numbered"),
    Case("stored with the plain hash of 2.2", "with plain hash", needs="hashes"),
    Case("stored with the JSON hash of 2.6", "with JSON hash", needs="hashes"),
    Case("stored with the JSON hash, other order", "with JSON hash, algorithm first", needs="hashes"),
    Case("stored before there were hashes", "without hash", needs="hashes"),
    Case("stored beside the hash of another token", "beside another's hash", INVALID, needs="hashes"),
    Case("of no client", "without client", INVALID),
    Case("of a client that is gone", "of a client that is gone", INVALID,
         but={"names in tokens": (FORBIDDEN, {})}),  # 1.9 keeps the client's key in the token's own row
    Case("of no user", "without user", INVALID),
    Case("of a tenant that is gone", "of no tenant", INVALID, needs="numbered"),
]

LEVEL_CASES = [
    Case("a user's token where an application's is asked for", "good", WRONG_KIND, level="Application"),
    Case("an application's token where a user's is asked for", "application", WRONG_KIND, level="Application_User"),
    Case("an application's token where one is asked for", "application", level="Application"),
    Case("the scope makes it an application's, not USER_TYPE (db 3.2)", "application by scope", level="Application"),
    Case("USER_TYPE alone does not", "user by scope", WRONG_KIND, level="Application"),
    Case("no level", "good", WRONG_KIND, level=""),
]

SUBSCRIPTION_CASES = [
    state("blocked", "blocked", BLOCKED),
    state("blocked, for the sandbox key too", "blocked", BLOCKED, token="sandbox"),
    state("blocked in production", "prodblocked", BLOCKED, fields=dict(type="PRODUCTION")),
    state("blocked in production, with the sandbox key", "prodblocked", token="sandbox", fields=dict(type="SANDBOX")),
    state("on hold", "onhold", INACTIVE),
    state("rejected", "rejected", INACTIVE),
    state("no status (3.)", "nothing", INACTIVE),
    state("waiting for another tier (3.)", "pending"),
    state("a status that nobody knows (3.)", "unknown"),
    Case("unsubscribed while blocked (2.)", "good", FORBIDDEN, "/left/1.0"),
    Case("unsubscribed while blocked, with the sandbox key (2.)", "sandbox", FORBIDDEN, "/left/1.0"),
    Case("of two subscriptions the older, blocked", "good", BLOCKED, "/twice/blocked/1.0"),
    Case("of two subscriptions the older, open", "good", context="/twice/open/1.0", fields=dict(tier="Silver")),
    Case("of two subscriptions the one that was not left", "good", context="/twice/left/1.0",
         fields=dict(tier="Bronze")),
    Case("not subscribed", "good", FORBIDDEN, "/lonely/1.0"),
    Case("no such API", "good", FORBIDDEN, "/nowhere/1.0"),
    Case("the context in another case", "good", FORBIDDEN, "/WEATHER/1.0"),
    Case("another version", "good", FORBIDDEN, version="2.0"),
    Case("another version, by its default (7.3)", "good", version="_default_9.9"),
    Case("the default version", "good", context="/weather/2.0", version="_default_2.0"),
    Case("a subscription of a key that differs in case", "good", FORBIDDEN, "/case/1.0"),
    Case("a client without application", "ck_lone", FORBIDDEN),
    Case("a key of an application that is gone", "ck_noapp", FORBIDDEN),
    Case("an application whose subscriber is gone", "ck_nosubscriber", FORBIDDEN),
    Case("a context beyond ASCII", "good", context="/städte/1.0", fields=dict(api="Städte")),
    Case("an application and subscriber beyond ASCII", "ck_umlaut",
         fields=dict(application="Zoës Büro", subscriber="zoë")),
    Case("an application with a 4-byte letter", "ck_rocket", fields=dict(application="Rakete 🚀"), needs="any letter"),
    Case("a context with a 4-byte letter", "good", context="/🚀/1.0", fields=dict(api="Rakete 🚀"), needs="any letter"),
    Case("a context with a 4-byte letter that no row has", "good", FORBIDDEN, "/🚁/1.0"),
    Case("an application of JWT tokens (6.)", "ck_jwt", INVALID, needs="token types"),
    Case("an application of JWT tokens, not subscribed (6.)", "ck_jwt", INVALID, "/lonely/1.0", needs="token types"),
    Case("an application of JWT tokens, the wrong kind (6.)", "ck_jwt", INVALID, level="Application",
         needs="token types"),
    Case("an application from before token types", "ck_old"),
    Case("an application with the text null as token type (db 10)", "ck_null", needs="token types"),
]

POLICY_CASES = [
    Case("the tier of the tenant's API (1.)", "tenant", context="/t/acme.com/stock/1.0", resource="/quote", fields=dict(
        end_user="eve@acme.com", subscriber="eve@acme.com", tier="Burst", spike_limit=20, spike_unit="sec",
        subscriber_tenant="acme.com"), but={
            "no policies": (GRANTED, dict(end_user="eve@acme.com", tier="Burst", spike_limit=0, spike_unit=None))}),
    Case("a tier without policy", "good", FORBIDDEN, "/notier/1.0",
         but={"no policies": (GRANTED, dict(tier="NoSuchTier"))}),
    Case("a tier with a policy in another tenant only (1.)", "good", FORBIDDEN, "/othertier/1.0", but={
        "no policies": (GRANTED, dict(tier="Burst")),
        "policies of any tenant": (GRANTED, dict(tier="Burst", spike_limit=20))}),
    Case("a tenant's API with a tier of the super tenant only (1.)", "tenant", FORBIDDEN, "/t/acme.com/silver/1.0",
         but={"no policies": (GRANTED, dict(tier="Silver")),
              "policies of any tenant": (GRANTED, dict(tier="Silver"))}),
    Case("a tier that counts bytes", "good", context="/volume/1.0", fields=dict(content_aware=1),
         but={"no policies": (GRANTED, dict(content_aware=0))}),
    Case("the API's own tier", "good", fields=dict(api_tier="Unlimited"),
         but={"no policies": (GRANTED, dict(api_tier=None))}),
]

SCOPE_CASES = [
    rain("the token has the scope, the user one of the roles", "reader"),
    rain("a user name beyond ASCII has its roles", "umlaut user"),
    rain("the user has no role", "reader without role", NO_SCOPE),
    rain("the token lacks the scope", "good", NO_SCOPE),
    rain("the token's scope differs in case", "shouting reader", NO_SCOPE),
    rain("a token without scopes passes", "without scopes"),
    rain("a scope without roles", "writer", verb="POST"),
    rain("a scope without roles, for a user without any role (7.4)", "writer without role", NO_SCOPE, "POST"),
    rain("an Internal role", "tester", verb="PUT"),
    rain("an Internal role that the user lacks", "forecaster as tester", NO_SCOPE, "PUT"),
    rain("an Internal role of a user of a secondary store", "secondary", verb="PUT"),
    rain("the scope's role differs in case from the user's (db 5.7)", "shouter", NO_SCOPE, "DELETE"),
    Case("the version by its default", "good", NO_SCOPE, "/forecast/1.0", "_default_1.0", "/rain"),
    Case("a resource without scope", "good", context="/forecast/1.0", resource="/snow"),
    Case("a resource that no row knows", "good", context="/forecast/1.0", resource="/sleet"),
    Case("a role of a tenant", "tenant", context="/t/acme.com/stock/1.0", resource="/quote",
         fields=dict(end_user="eve@acme.com")),
]

ORDER_CASES = [  # 17.
    state("a dead token on a blocked API", "blocked", INVALID, token="revoked"),
    state("the wrong kind of token on a blocked API", "blocked", WRONG_KIND, level="Application"),
    Case("no subscription and no scope", "forecaster as tester", FORBIDDEN, "/lonely/1.0", resource="/rain"),
]

CASES = TOKEN_CASES + LEVEL_CASES + SUBSCRIPTION_CASES + POLICY_CASES + SCOPE_CASES + ORDER_CASES
