import com.amazonaws.services.schemaregistry.common.configs.GlueSchemaRegistryConfiguration;
import com.amazonaws.services.schemaregistry.deserializers.GlueSchemaRegistryDeserializerDataParser;
import com.amazonaws.services.schemaregistry.deserializers.avro.AvroDeserializer;
import com.amazonaws.services.schemaregistry.serializers.SerializationDataEncoder;
import com.amazonaws.services.schemaregistry.serializers.avro.AvroSerializer;
import com.amazonaws.services.schemaregistry.utils.AWSSchemaRegistryConstants;
import com.amazonaws.services.schemaregistry.utils.AvroRecordType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Scanner;
import java.util.UUID;
import org.apache.avro.Schema;

/** AWS Glue's serializers without AWS: see tests/peers/run_java_serdes.py. */
public class GlueSerdes {
  /** A line: read or write, framing, key or value, encoding, UUID, schema in Base64, bytes, headers. */
  public static void main(String[] arguments) throws Exception {
    Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
    while (lines.hasNextLine()) {
      String[] parts = lines.nextLine().split("\t", -1);
      GlueSchemaRegistryConfiguration options = new GlueSchemaRegistryConfiguration(Map.of("region", "eu-west-1"));
      if (parts[1].endsWith("zlib")) {
        options.setCompressionType(AWSSchemaRegistryConstants.COMPRESSION.ZLIB);
      }
      options.setAvroRecordType(AvroRecordType.GENERIC_RECORD);
      String text = new String(Base64.getDecoder().decode(parts[5]), StandardCharsets.UTF_8);
      byte[] data = HexFormat.of().parseHex(parts[6]);
      String answer;
      try {
        UUID id = UUID.fromString(parts[4]);
        byte[] made = parts[0].equals("write") ? write(options, id, text, data) : read(options, id, text, data);
        answer = HexFormat.of().formatHex(made);
      } catch (Exception error) {
        answer = "! " + error.toString().replaceAll("\\s+", " ");
      }
      System.out.println(answer);
    }
  }

  static byte[] write(GlueSchemaRegistryConfiguration options, UUID id, String text, byte[] datum) throws Exception {
    byte[] again = new AvroSerializer().serialize(Datum.read(Datum.parse(text), datum));
    return new SerializationDataEncoder(options).write(again, id);
  }

  static byte[] read(GlueSchemaRegistryConfiguration options, UUID id, String text, byte[] message) throws Exception {
    ByteBuffer given = ByteBuffer.wrap(message);
    if (!GlueSchemaRegistryDeserializerDataParser.getInstance().getSchemaVersionId(given.duplicate()).equals(id)) {
      throw new IllegalStateException("another schema is named");
    }
    AvroDeserializer deserializer = new AvroDeserializer(options);
    deserializer.setAvroRecordType(AvroRecordType.GENERIC_RECORD);
    Schema schema = Datum.parse(text);
    Object value =
        deserializer.deserialize(
            given, new com.amazonaws.services.schemaregistry.common.Schema(text, "AVRO", "s"));
    return Datum.write(schema, value);
  }
}
