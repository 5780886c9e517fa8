"""A registry's database as the Publisher of WSO2 fills it (databases.md 7): folders, files, properties, tags; and APIs in it."""

import os
import uuid
from xml.sax.saxutils import escape

import suite
from world import SUPER_TENANT

TABLES = os.path.join(suite.TOP, "tests", "fixtures", "registry", "regdb.sql")
GOVERNANCE = "/_system/governance"
DATA = GOVERNANCE + "/apimgt/applicationdata"
NAMESPACE = "http://www.wso2.org/governance/metadata"
API = "application/vnd.wso2-api+xml"
DOCUMENT = "application/vnd.wso2-document+xml"

REGISTRY_XML = """<wso2registry>
    <currentDBConfig>wso2registry</currentDBConfig>
    <dbConfig name="wso2registry"><dataSource>jdbc/WSO2CarbonDB</dataSource></dbConfig>
    <dbConfig name="govregistry"><dataSource>jdbc/WSO2REG_DB</dataSource></dbConfig>
    <remoteInstance url="https://localhost:9443/registry">
        <id>gov</id><cacheId>registry@jdbc:mysql://localhost/regdb</cacheId>
        <dbConfig>govregistry</dbConfig><readOnly>false</readOnly><registryRoot>/</registryRoot>
    </remoteInstance>
    <mount path="/_system/governance" overwrite="true">
        <instanceId>gov</instanceId><targetPath>/_system/governance</targetPath>
    </mount>
</wso2registry>
"""


def artifact(**overview):
    """The XML of one, as the governance registry writes it."""
    fields = "".join("<%s>%s</%s>" % (name, escape(str(value)), name) for name, value in overview.items())
    return '<metadata xmlns="%s"><overview>%s</overview></metadata>' % (NAMESPACE, fields)


class Registry:
    """database: empty, of MariaDB."""

    def __init__(self, database):
        self.database = database
        with open(TABLES) as file:
            database.run(file.read())
        self.folders = {}

    def _insert(self, table, **row):
        literals = ", ".join("X'%s'" % value.hex() if isinstance(value, bytes) else self.database._literal(value)
                             for value in row.values())
        return int(self.database.run("INSERT INTO %s (%s) VALUES (%s); SELECT LAST_INSERT_ID();" % (
            table, ", ".join(row), literals)))

    def folder(self, path, tenant):
        """The number of a folder, which is made with those above it."""
        if (path, tenant) not in self.folders:
            parent = self.folder(os.path.dirname(path), tenant) if path != "/" else None
            number = self._insert("REG_PATH", REG_PATH_VALUE=path, REG_PATH_PARENT_ID=parent, REG_TENANT_ID=tenant)
            self._insert("REG_RESOURCE", REG_PATH_ID=number, REG_CREATOR="wso2.system.user", REG_TENANT_ID=tenant,
                         REG_UUID=str(uuid.uuid4()))
            self.folders[path, tenant] = number
        return self.folders[path, tenant]

    def file(self, path, content, media_type="text/plain", tenant=SUPER_TENANT, number=None):
        """number: the UUID. Returns the file's version."""
        content = content if isinstance(content, bytes) else content.encode()
        return self._insert(
            "REG_RESOURCE", REG_PATH_ID=self.folder(os.path.dirname(path), tenant), REG_NAME=os.path.basename(path),
            REG_MEDIA_TYPE=media_type, REG_CREATOR="admin", REG_TENANT_ID=tenant, REG_UUID=number or str(uuid.uuid4()),
            REG_CONTENT_ID=self._insert("REG_CONTENT", REG_CONTENT_DATA=content, REG_TENANT_ID=tenant))

    def property(self, version, name, value, tenant=SUPER_TENANT):
        number = self._insert("REG_PROPERTY", REG_NAME=name, REG_VALUE=value, REG_TENANT_ID=tenant)
        self._insert("REG_RESOURCE_PROPERTY", REG_PROPERTY_ID=number, REG_VERSION=version, REG_TENANT_ID=tenant)

    def tag(self, version, name, user="admin", tenant=SUPER_TENANT):
        number = self._insert("REG_TAG", REG_TAG_NAME=name, REG_USER_ID=user, REG_TENANT_ID=tenant)
        self._insert("REG_RESOURCE_TAG", REG_TAG_ID=number, REG_VERSION=version, REG_TENANT_ID=tenant)

    def api(self, provider, name, version, state="Published", tags=(), definition=None, picture=None,
            tenant=SUPER_TENANT, number=None, **overview):
        """Returns the folder of the API, below which its documents lie, and the version of its artifact."""
        folder = "%s/provider/%s/%s/%s" % (DATA, provider.replace("@", "-AT-"), name, version)
        xml = artifact(provider=provider.replace("@", "-AT-"), name=name, version=version, **overview)
        file = self.file(folder + "/api", xml, API, tenant, number)
        self.property(file, "registry.LC.name", "APILifeCycle", tenant)
        self.property(file, "registry.lifecycle.APILifeCycle.state", state, tenant)
        for tag in tags:
            self.tag(file, tag, tenant=tenant)
        if definition is not None:
            self.file(folder + "/swagger.json", definition, "application/json", tenant)
        if picture is not None:
            self.file("%s/icons/%s/%s/%s/icon" % (DATA, provider.replace("@", "-AT-"), name, version), picture, "image/png",
                      tenant)
        return folder, file

    def document(self, folder, name, content=None, tenant=SUPER_TENANT, **overview):
        """content: of an INLINE or FILE document."""
        self.file("%s/documentation/%s" % (folder, name), artifact(name=name, **overview), DOCUMENT, tenant)
        if overview["sourceType"] == "INLINE":
            self.file("%s/documentation/contents/%s" % (folder, name), content, tenant=tenant)
        elif overview["sourceType"] == "FILE":
            self.file("%s/documentation/files/%s" % (folder, os.path.basename(overview["filePath"])), content,
                      "application/pdf", tenant)

    def replace(self, version, content):
        """The content of a file, in its place."""
        self.database.execute("UPDATE REG_CONTENT c JOIN REG_RESOURCE r ON r.REG_CONTENT_ID = c.REG_CONTENT_ID"
                              " SET c.REG_CONTENT_DATA = ? WHERE r.REG_VERSION = %d" % version, [content])

    def everything(self):
        """Checksums of all rows, for a look whether somebody wrote."""
        return [self.database.run("CHECKSUM TABLE %s EXTENDED" % table) for table in self.database.tables()]
