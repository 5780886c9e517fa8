#include "config.h"
#include "soap/soap-wsdl.h"

#include <string.h>

/* What the description is made from, and into. */
typedef struct
{
  GString *text;
  const SoapService *service;
  GPtrArray *beans;      /* of SoapBean, each once */
  GPtrArray *namespaces; /* theirs, each once; the prefix of the first is "b0" */
} Wsdl;

static guint
prefix_of (const Wsdl *wsdl, const char *namespace)
{
  guint index = 0;

  g_ptr_array_find_with_equal_func (wsdl->namespaces, namespace, g_str_equal, &index);
  return index;
}

static void
collect (Wsdl *wsdl, const SoapField *fields)
{
  for (; fields != NULL && fields->name != NULL; fields++)
    {
      const SoapBean *bean = fields->bean;

      if (bean == NULL || g_ptr_array_find (wsdl->beans, bean, NULL))
        continue;
      g_ptr_array_add (wsdl->beans, (gpointer) bean);
      if (!g_ptr_array_find_with_equal_func (wsdl->namespaces, bean->namespace, g_str_equal, NULL))
        g_ptr_array_add (wsdl->namespaces, (gpointer) bean->namespace);
      collect (wsdl, bean->fields);
    }
}

static void
add_fields (Wsdl *wsdl, const SoapField *fields)
{
  g_string_append (wsdl->text, "<xs:sequence>");
  for (; fields != NULL && fields->name != NULL; fields++)
    {
      gboolean nillable = fields->bean != NULL || strcmp (fields->type, "string") == 0;

      g_string_append_printf (wsdl->text, "<xs:element minOccurs=\"0\"%s name=\"%s\"%s type=\"",
                              fields->many ? " maxOccurs=\"unbounded\"" : "", fields->name,
                              nillable ? " nillable=\"true\"" : "");
      if (fields->bean == NULL)
        g_string_append_printf (wsdl->text, "xs:%s\"/>", fields->type);
      else
        g_string_append_printf (wsdl->text, "b%u:%s\"/>", prefix_of (wsdl, fields->bean->namespace),
                                fields->bean->name);
    }
  g_string_append (wsdl->text, "</xs:sequence>");
}

static void
begin_schema (Wsdl *wsdl, const char *namespace)
{
  g_string_append_printf (wsdl->text,
                          "<xs:schema attributeFormDefault=\"qualified\" elementFormDefault=\"qualified\""
                          " targetNamespace=\"%s\">\n",
                          namespace);
  for (guint i = 0; i < wsdl->namespaces->len; i++)
    if (strcmp (wsdl->namespaces->pdata[i], namespace) != 0)
      g_string_append_printf (wsdl->text, "<xs:import namespace=\"%s\"/>\n", (char *) wsdl->namespaces->pdata[i]);
}

static void
add_bean_schemas (Wsdl *wsdl)
{
  for (guint i = 0; i < wsdl->namespaces->len; i++)
    {
      begin_schema (wsdl, wsdl->namespaces->pdata[i]);
      for (guint j = 0; j < wsdl->beans->len; j++)
        {
          const SoapBean *bean = wsdl->beans->pdata[j];

          if (strcmp (bean->namespace, wsdl->namespaces->pdata[i]) != 0)
            continue;
          g_string_append_printf (wsdl->text, "<xs:complexType name=\"%s\">", bean->name);
          add_fields (wsdl, bean->fields);
          g_string_append (wsdl->text, "</xs:complexType>\n");
        }
      g_string_append (wsdl->text, "</xs:schema>\n");
    }
}

static void
add_element (Wsdl *wsdl, const char *name, const char *ending, const SoapField *fields)
{
  g_string_append_printf (wsdl->text, "<xs:element name=\"%s%s\"><xs:complexType>", name, ending);
  add_fields (wsdl, fields);
  g_string_append (wsdl->text, "</xs:complexType></xs:element>\n");
}

static void
add_types (Wsdl *wsdl)
{
  const SoapService *service = wsdl->service;

  g_string_append (wsdl->text, "<wsdl:types>\n");
  add_bean_schemas (wsdl);
  begin_schema (wsdl, service->namespace);
  for (const SoapOperation *operation = service->operations; operation->name != NULL; operation++)
    {
      add_element (wsdl, operation->name, "", operation->parameters);
      if (operation->result != NULL)
        add_element (wsdl, operation->name, "Response", operation->result);
    }
  g_string_append_printf (wsdl->text,
                          "<xs:complexType name=\"%s\"><xs:sequence/></xs:complexType>\n"
                          "<xs:element name=\"%s%s\"><xs:complexType><xs:sequence>"
                          "<xs:element minOccurs=\"0\" name=\"%s\" nillable=\"true\" type=\"ns:%s\"/>"
                          "</xs:sequence></xs:complexType></xs:element>\n",
                          service->exception, service->name, service->exception, service->exception,
                          service->exception);
  g_string_append (wsdl->text, "</xs:schema>\n</wsdl:types>\n");
}

static void
add_message (Wsdl *wsdl, const char *name, const char *message, const char *element)
{
  g_string_append_printf (wsdl->text,
                          "<wsdl:message name=\"%s%s\"><wsdl:part name=\"parameters\" element=\"ns:%s%s\"/>"
                          "</wsdl:message>\n",
                          name, message, name, element);
}

static void
add_port_type (Wsdl *wsdl)
{
  const SoapService *service = wsdl->service;

  for (const SoapOperation *operation = service->operations; operation->name != NULL; operation++)
    {
      add_message (wsdl, operation->name, "Request", "");
      if (operation->result != NULL)
        add_message (wsdl, operation->name, "Response", "Response");
    }
  add_message (wsdl, service->name, service->exception, service->exception);
  g_string_append_printf (wsdl->text, "<wsdl:portType name=\"%sPortType\">\n", service->name);
  for (const SoapOperation *operation = service->operations; operation->name != NULL; operation++)
    {
      g_string_append_printf (wsdl->text, "<wsdl:operation name=\"%s\"><wsdl:input message=\"tns:%sRequest\"/>",
                              operation->name, operation->name);
      if (operation->result != NULL)
        g_string_append_printf (wsdl->text, "<wsdl:output message=\"tns:%sResponse\"/>", operation->name);
      g_string_append_printf (wsdl->text, "<wsdl:fault name=\"%s%s\" message=\"tns:%s%s\"/></wsdl:operation>\n",
                              service->name, service->exception, service->name, service->exception);
    }
  g_string_append (wsdl->text, "</wsdl:portType>\n");
}

/* @soap: "soap" or "soap12". */
static void
add_binding (Wsdl *wsdl, const char *soap, const char *version)
{
  const SoapService *service = wsdl->service;

  g_string_append_printf (wsdl->text,
                          "<wsdl:binding name=\"%s%sBinding\" type=\"tns:%sPortType\">\n"
                          "<%s:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n",
                          service->name, version, service->name, soap);
  for (const SoapOperation *operation = service->operations; operation->name != NULL; operation++)
    {
      g_string_append_printf (wsdl->text,
                              "<wsdl:operation name=\"%s\"><%s:operation soapAction=\"urn:%s\" style=\"document\"/>"
                              "<wsdl:input><%s:body use=\"literal\"/></wsdl:input>",
                              operation->name, soap, operation->name, soap);
      if (operation->result != NULL)
        g_string_append_printf (wsdl->text, "<wsdl:output><%s:body use=\"literal\"/></wsdl:output>", soap);
      g_string_append_printf (wsdl->text,
                              "<wsdl:fault name=\"%s%s\"><%s:fault name=\"%s%s\" use=\"literal\"/></wsdl:fault>"
                              "</wsdl:operation>\n",
                              service->name, service->exception, soap, service->name, service->exception);
    }
  g_string_append (wsdl->text, "</wsdl:binding>\n");
}

static void
add_port (Wsdl *wsdl, const char *soap, const char *version, const char *address)
{
  const char *name = wsdl->service->name;

  g_string_append_printf (wsdl->text,
                          "<wsdl:port name=\"%sHttps%sEndpoint\" binding=\"tns:%s%sBinding\">"
                          "<%s:address location=\"%s.%sHttps%sEndpoint\"/></wsdl:port>\n",
                          name, version, name, version, soap, address, name, version);
}

static void
begin_definitions (Wsdl *wsdl)
{
  g_string_append_printf (wsdl->text,
                          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                          "<wsdl:definitions xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\""
                          " xmlns:xs=\"http://www.w3.org/2001/XMLSchema\""
                          " xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\""
                          " xmlns:soap12=\"http://schemas.xmlsoap.org/wsdl/soap12/\" xmlns:ns=\"%s\" xmlns:tns=\"%s\"",
                          wsdl->service->namespace, wsdl->service->target);
  for (guint i = 0; i < wsdl->namespaces->len; i++)
    g_string_append_printf (wsdl->text, " xmlns:b%u=\"%s\"", i, (char *) wsdl->namespaces->pdata[i]);
  g_string_append_printf (wsdl->text, " targetNamespace=\"%s\">\n", wsdl->service->target);
}

char *
soap_wsdl_new (const SoapService *service, const char *address)
{
  g_autoptr (GPtrArray) beans = g_ptr_array_new ();
  g_autoptr (GPtrArray) namespaces = g_ptr_array_new ();
  Wsdl wsdl = { g_string_new (NULL), service, beans, namespaces };

  for (const SoapOperation *operation = service->operations; operation->name != NULL; operation++)
    {
      collect (&wsdl, operation->parameters);
      collect (&wsdl, operation->result);
    }
  begin_definitions (&wsdl);
  add_types (&wsdl);
  add_port_type (&wsdl);
  add_binding (&wsdl, "soap", "Soap11");
  add_binding (&wsdl, "soap12", "Soap12");
  g_string_append_printf (wsdl.text, "<wsdl:service name=\"%s\">\n", service->name);
  add_port (&wsdl, "soap", "Soap11", address);
  add_port (&wsdl, "soap12", "Soap12", address);
  g_string_append (wsdl.text, "</wsdl:service>\n</wsdl:definitions>\n");
  return g_string_free (wsdl.text, FALSE);
}
