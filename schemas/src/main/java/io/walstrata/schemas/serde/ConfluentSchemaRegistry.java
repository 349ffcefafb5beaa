package io.walstrata.schemas.serde;

import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.ParsedSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaMetadata;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.RestService;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.Schema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaReference;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaString;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.testutil.MockSchemaRegistry;
import org.apache.flink.avro.registry.confluent.shaded.org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * Confluent's own client. No other class names its packages; pom.xml states why they are relocated.
 */
final class ConfluentSchemaRegistry implements SchemaRegistry {
  /*
   * Reading by id uses the client's REST layer and not its schema cache: the cache parses the schema,
   * and reports one that is not Avro just as it reports a lost connection. Here the first is a bad
   * message and the second is not. A schema never changes, and the caller keeps it.
   *
   * Unchecked exceptions of the client are failures to ask as well: a token endpoint that is
   * unavailable is reported as one.
   *
   * An id is unknown only if the registry answers with its own error code 40403: any web server
   * answers a plain 404 when the URL is wrong, which must not make messages bad.
   */
  private static final int CACHE_CAPACITY = 1000;
  private static final int SCHEMA_NOT_FOUND = 40403;
  private static final int SUBJECT_NOT_FOUND = 40401;
  private static final int VERSION_NOT_FOUND = 40402;

  private final SchemaRegistryClient client;
  private final @Nullable RestService rest;
  private final String urls;
  private final boolean normalize;

  private ConfluentSchemaRegistry(
      SchemaRegistryClient client, @Nullable RestService rest, String urls, boolean normalize) {
    this.client = client;
    this.rest = rest;
    this.urls = urls;
    this.normalize = normalize;
  }

  static SchemaRegistry open(WalSerdeConfig config) {
    List<String> urls = config.urls();
    boolean normalize = config.getBoolean(WalSerdeConfig.NORMALIZE);
    try {
      String mock = MockSchemaRegistry.validateAndMaybeGetMockScope(urls);
      if (mock != null) {
        return new ConfluentSchemaRegistry(
            MockSchemaRegistry.getClientForScope(mock), null, "mock://" + mock, normalize);
      }
      RestService rest = new RestService(urls);
      SchemaRegistryClient client =
          new CachedSchemaRegistryClient(rest, CACHE_CAPACITY, config.clientSettings());
      return new ConfluentSchemaRegistry(client, rest, withoutUserInfo(urls), normalize);
    } catch (KafkaException | IllegalArgumentException e) {
      ConfigException failure =
          new ConfigException("cannot make a schema registry client: " + e.getMessage());
      failure.initCause(e);
      throw failure;
    }
  }

  private static String withoutUserInfo(List<String> urls) {
    return String.join(
        ",", urls.stream().map(url -> url.replaceFirst("//[^/@]*@", "//***@")).toList());
  }

  @Override
  public RegisteredSchema byId(int id) {
    try {
      return rest == null ? fromMock(id) : fetch(rest, id);
    } catch (RestClientException e) {
      if (e.getErrorCode() == SCHEMA_NOT_FOUND || (rest == null && isNotFound(e))) {
        throw new UnknownSchemaIdException(id, e.getMessage());
      }
      throw unavailable("get a schema, schemaId=" + id, e);
    } catch (BadMessageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw unavailable("get a schema, schemaId=" + id, e);
    }
  }

  private RegisteredSchema fromMock(int id) throws IOException, RestClientException {
    ParsedSchema schema = client.getSchemaById(id);
    List<String> references =
        schema instanceof AvroSchema avro
            ? List.copyOf(avro.resolvedReferences().values())
            : List.of();
    return new RegisteredSchema(id, schema.schemaType(), schema.canonicalString(), references);
  }

  private RegisteredSchema fetch(RestService service, int id)
      throws IOException, RestClientException {
    SchemaString schema = service.getId(id);
    if (schema == null || schema.getSchemaString() == null) {
      throw new IOException("empty answer");
    }
    Map<String, String> references = new LinkedHashMap<>();
    try {
      collect(id, service, schema.getReferences(), new HashSet<>(), references);
    } catch (RestClientException e) {
      if (isNotFound(e)) {
        throw new ForeignSchemaException(
            "the schema refers to one that the registry does not have: schemaId="
                + id
                + ", answer="
                + e.getMessage(),
            e);
      }
      throw e;
    }
    return new RegisteredSchema(
        id,
        typeOf(schema.getSchemaType()),
        schema.getSchemaString(),
        List.copyOf(references.values()));
  }

  /** Adds the schemas that others refer to, each after those that it refers to itself. */
  private static void collect(
      int id,
      RestService service,
      @Nullable List<SchemaReference> references,
      Set<String> seen,
      Map<String, String> found)
      throws IOException, RestClientException {
    if (references == null) {
      return;
    }
    for (SchemaReference reference : references) {
      String key = reference.getSubject() + "/" + reference.getVersion();
      if (!seen.add(key)) {
        continue;
      }
      if (seen.size() > WriterSchema.MAX_REFERENCES) {
        throw new ForeignSchemaException(
            "the schema refers to too many others: schemaId="
                + id
                + ", most="
                + WriterSchema.MAX_REFERENCES);
      }
      Schema schema = service.getVersion(reference.getSubject(), reference.getVersion());
      collect(id, service, schema.getReferences(), seen, found);
      found.put(key, schema.getSchema());
      long chars = found.values().stream().mapToLong(String::length).sum();
      if (chars > WriterSchema.MAX_CHARS) {
        throw new ForeignSchemaException(
            "the schema refers to others that are too long: schemaId="
                + id
                + ", chars="
                + chars
                + ", most="
                + WriterSchema.MAX_CHARS);
      }
    }
  }

  private static String typeOf(@Nullable String type) {
    return type == null ? AvroSchema.TYPE : type;
  }

  @Override
  public int register(String subject, String schema) {
    return write(
        "register a schema, subject=" + subject,
        () -> client.register(subject, new AvroSchema(schema), normalize));
  }

  @Override
  public int idOf(String subject, String schema) {
    return write(
        "look up a schema, subject=" + subject,
        () -> client.getId(subject, new AvroSchema(schema), normalize));
  }

  @Override
  public RegisteredSchema latest(String subject) {
    return write(
        "get the latest schema, subject=" + subject,
        () -> {
          SchemaMetadata latest = client.getLatestSchemaMetadata(subject);
          return byId(latest.getId());
        });
  }

  private interface Request<T> {
    T send() throws IOException, RestClientException;
  }

  private <T> T write(String what, Request<T> request) {
    try {
      return request.send();
    } catch (RestClientException e) {
      // 409: not compatible with what the subject has; 422: not a schema, or not allowed.
      if (isNotFound(e) || e.getStatus() == 409 || e.getStatus() == 422) {
        throw new SchemaRefusedException(
            "the registry refuses to " + what + ": " + facts(e) + advice(e), e);
      }
      throw unavailable(what, e);
    } catch (BadMessageException | RegistryUnavailableException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw unavailable(what, e);
    }
  }

  private static boolean isNotFound(RestClientException e) {
    return e.getErrorCode() == SUBJECT_NOT_FOUND
        || e.getErrorCode() == VERSION_NOT_FOUND
        || e.getErrorCode() == SCHEMA_NOT_FOUND;
  }

  private static String advice(RestClientException e) {
    return isNotFound(e)
        ? "; register it, or set " + WalSerdeConfig.AUTO_REGISTER + "=true"
        : "; compare it with the versions that the subject has";
  }

  private RegistryUnavailableException unavailable(String what, RestClientException e) {
    String advice =
        switch (e.getStatus()) {
          case 401, 403 -> "; check its credentials";
          case 404 -> "; check " + WalSerdeConfig.URL;
          default -> "";
        };
    return new RegistryUnavailableException(
        "cannot " + what + ": urls=" + urls + ", " + facts(e) + advice, e);
  }

  private RegistryUnavailableException unavailable(String what, Exception e) {
    return new RegistryUnavailableException(
        "cannot " + what + ", the registry does not answer: urls=" + urls + ", error=" + e, e);
  }

  private static String facts(RestClientException e) {
    String message = Optional.ofNullable(e.getMessage()).orElse("");
    return "status="
        + e.getStatus()
        + ", code="
        + e.getErrorCode()
        + ", answer="
        + firstLine(message);
  }

  private static String firstLine(String text) {
    String line = text.lines().findFirst().orElse("");
    return line.length() <= 300 ? line : line.substring(0, 300) + "…";
  }

  @Override
  public void close() throws IOException {
    if (rest != null) {
      client.close();
    }
  }
}
