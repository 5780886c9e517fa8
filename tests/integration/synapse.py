"""Synapse files as a Publisher writes them (specification, gateway 5.3), for gateways under test."""

import os
from xml.sax.saxutils import quoteattr

FOLDER = "repository/deployment/server/synapse-configs/default/"
SECURITY = "org.wso2.carbon.apimgt.gateway.handlers.security."

HANDLERS = """<handlers>
    <handler class="org.wso2.carbon.apimgt.gateway.handlers.common.APIMgtLatencyStatsHandler"/>
    <handler class="%sCORSRequestHandler"><property name="apiImplementationType" value="ENDPOINT"/></handler>
    <handler class="%sAPIAuthenticationHandler"/>
    <handler class="org.wso2.carbon.apimgt.gateway.handlers.throttling.ThrottleHandler"/>
    <handler class="org.wso2.carbon.apimgt.gateway.handlers.ext.APIManagerExtensionHandler"/>
  </handlers>""" % (SECURITY, SECURITY)


def limited(production, sandbox, unit_ms):
    """The handlers of an API with hard limits."""
    properties = "".join('<property name="%s" value="%d"/>' % item for item in (
        ("productionMaxCount", production), ("productionUnitTime", unit_ms), ("sandboxMaxCount", sandbox),
        ("sandboxUnitTime", unit_ms)))
    return HANDLERS.replace('ThrottleHandler"/>', 'ThrottleHandler">%s</handler>' % properties)


CORS_ONLY = """<handlers>
    <handler class="%sCORSRequestHandler"><property name="apiImplementationType" value="ENDPOINT"/></handler>
  </handlers>""" % SECURITY


def address(url, timeout=30000, suspend=30000):
    """One endpoint, inline. suspend=None: it is never left alone."""
    codes = "" if suspend is not None else "<errorCodes>-1</errorCodes>"
    return """<endpoint><http uri-template=%s>
        <timeout><duration>%d</duration><responseAction>fault</responseAction></timeout>
        <suspendOnFailure>%s<initialDuration>%d</initialDuration><progressionFactor>1.0</progressionFactor></suspendOnFailure>
        <markForSuspension>%s<retriesBeforeSuspension>0</retriesBeforeSuspension><retryDelay>0</retryDelay></markForSuspension>
      </http></endpoint>""" % (quoteattr(url), timeout, codes, suspend or 0, codes)


def failover(*endpoints):
    return "<endpoint><failover>%s</failover></endpoint>" % "".join(endpoints)


def load_balance(name, *endpoints, session=None):
    return '<endpoint name=%s>%s<loadbalance algorithm="org.apache.synapse.endpoints.algorithms.RoundRobin">%s</loadbalance></endpoint>' % (
        quoteattr(name), '<session type="%s"><sessionTimeout>60000</sessionTimeout></session>' % session if session else "",
        "".join(endpoints))


def by_key_type(production, sandbox=None):
    """The in-sequence of a generated API."""
    def send(endpoint, other):
        return "<send>%s</send>" % endpoint if endpoint else '<sequence key="_%s_key_error_"/>' % other
    return """<filter source="$ctx:AM_KEY_TYPE" regex="PRODUCTION"><then>%s</then><else>%s</else></filter>""" % (
        send(production, "production"), send(sandbox, "sandbox"))


def api(name, context, resources, handlers=HANDLERS, version="1.0"):
    """resources: (attribute such as url-mapping="/*", methods, in-sequence[, out-sequence])."""
    texts = ["""<resource %s methods="%s" faultSequence="fault"><inSequence>%s</inSequence>
    <outSequence>%s<send/></outSequence></resource>""" % (resource[0], resource[1], resource[2],
                                                          resource[3] if len(resource) > 3 else "")
             for resource in resources]
    return """<api xmlns="http://ws.apache.org/ns/synapse" name="%s" context="%s" %s>
  %s
  %s
</api>
""" % (name, context, 'version="%s" version-type="context"' % version if version else "", "\n  ".join(texts), handlers)


def default_version(name, context, target, https):
    """What a Publisher writes beside the versioned API (T3)."""
    scheme = "https" if https else "http"
    sequence = """<property name="isDefault" expression="$trp:WSO2_AM_API_DEFAULT_VERSION"/>
      <filter source="$ctx:isDefault" regex="true"><then>
        <payloadFactory media-type="xml"><format><am:fault xmlns:am="http://wso2.org/apimanager"><am:code>500</am:code>
          </am:fault></format><args/></payloadFactory>
        <property name="HTTP_SC" value="500" scope="axis2"/><send/>
      </then><else>
        <header name="WSO2_AM_API_DEFAULT_VERSION" scope="transport" value="true"/>
        <property name="uri.var.portnum" expression="get-property('%s.nio.port')"/>
        <send>%s</send>
      </else></filter>""" % (scheme, address("%s://localhost:{uri.var.portnum}%s" % (scheme, target), suspend=None))
    return api(name, context, [('url-mapping="/*"', "POST PATCH GET DELETE HEAD PUT OPTIONS", sequence)],
               handlers=CORS_ONLY, version=None)


def deploy(node, name, text, folder="api"):
    """Writes a file of a node as a deployment does: whole or not at all."""
    path = node.write(FOLDER + folder + "/." + name + ".new", text)
    os.rename(path, node.path(FOLDER + folder + "/" + name + ".xml"))
