import io.apicurio.registry.resolver.ParsedSchemaImpl;
import io.apicurio.registry.resolver.SchemaLookupResult;
import io.apicurio.registry.resolver.SchemaParser;
import io.apicurio.registry.resolver.SchemaResolver;
import io.apicurio.registry.resolver.data.Record;
import io.apicurio.registry.resolver.strategy.ArtifactReference;
import io.apicurio.registry.resolver.strategy.ArtifactReferenceResolverStrategy;
import io.apicurio.registry.rest.client.RegistryClient;
import io.apicurio.registry.serde.avro.AvroKafkaDeserializer;
import io.apicurio.registry.serde.avro.AvroKafkaSerializer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Scanner;
import org.apache.avro.Schema;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Apicurio's serializers over a registry that has one schema: see tests/peers/run_java_serdes.py. */
public class ApicurioSerdes {
  static Schema schema;
  static long id;

  /** Whatever is asked for is the one schema. */
  public static class Resolver implements SchemaResolver<Schema, Object> {
    public void setClient(RegistryClient client) {}

    public void setArtifactResolverStrategy(ArtifactReferenceResolverStrategy<Schema, Object> strategy) {}

    public SchemaParser<Schema, Object> getSchemaParser() {
      return null;
    }

    public SchemaLookupResult<Schema> resolveSchema(Record<Object> record) {
      byte[] text = schema.toString().getBytes(StandardCharsets.UTF_8);
      return SchemaLookupResult.<Schema>builder()
          .parsedSchema(new ParsedSchemaImpl<Schema>().setParsedSchema(schema).setRawSchema(text))
          .globalId(id)
          .contentId(id)
          .build();
    }

    public SchemaLookupResult<Schema> resolveSchemaByArtifactReference(ArtifactReference reference) {
      if ((reference.getGlobalId() == null ? reference.getContentId() : reference.getGlobalId()) != id) {
        throw new IllegalStateException("asked for another schema: " + reference);
      }
      return resolveSchema(null);
    }

    public void reset() {}

    public void close() {}
  }

  /** A line: read or write, framing, key or value, encoding, id, schema in Base64, bytes, headers. */
  public static void main(String[] arguments) throws Exception {
    Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
    while (lines.hasNextLine()) {
      String[] parts = lines.nextLine().split("\t", -1);
      boolean isKey = parts[2].equals("key");
      id = Long.parseLong(parts[4]);
      String text = new String(Base64.getDecoder().decode(parts[5]), StandardCharsets.UTF_8);
      schema = Datum.parse(text);
      Map<String, Object> options = options(parts[1], parts[3]);
      byte[] data = HexFormat.of().parseHex(parts[6]);
      String answer;
      try {
        answer = parts[0].equals("write") ? write(options, isKey, data) : read(options, isKey, data, parts[7]);
      } catch (Exception error) {
        answer = "! " + error.toString().replaceAll("\\s+", " ");
      }
      System.out.println(answer);
    }
  }

  static Map<String, Object> options(String framing, String encoding) {
    Map<String, Object> options = new HashMap<>();
    options.put("apicurio.registry.schema-resolver", Resolver.class.getName());
    options.put("apicurio.registry.headers.enabled", framing.endsWith("headers"));
    options.put("apicurio.registry.as-confluent", framing.equals("apicurio-4"));
    options.put("apicurio.registry.use-id", framing.contains("content") ? "contentId" : "globalId");
    options.put("apicurio.registry.avro.encoding", encoding);
    return options;
  }

  static String write(Map<String, Object> options, boolean isKey, byte[] datum) throws Exception {
    try (AvroKafkaSerializer<Object> serializer = new AvroKafkaSerializer<>()) {
      serializer.configure(options, isKey);
      Headers headers = new RecordHeaders();
      byte[] message = serializer.serialize("t", headers, Datum.read(schema, datum));
      StringBuilder shown = new StringBuilder(HexFormat.of().formatHex(message));
      headers.forEach(each -> shown.append("\t" + each.key() + "=" + HexFormat.of().formatHex(each.value())));
      return shown.toString();
    }
  }

  static String read(Map<String, Object> options, boolean isKey, byte[] message, String told) throws Exception {
    try (AvroKafkaDeserializer<Object> deserializer = new AvroKafkaDeserializer<>()) {
      deserializer.configure(options, isKey);
      Headers headers = new RecordHeaders();
      for (String each : told.isEmpty() ? new String[0] : told.split(";")) {
        headers.add(each.split("=")[0], HexFormat.of().parseHex(each.split("=")[1]));
      }
      Object value = deserializer.deserialize("t", headers, message);
      return HexFormat.of().formatHex(Datum.write(schema, value));
    }
  }
}
