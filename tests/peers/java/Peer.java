import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.apache.avro.Protocol;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityResult;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.idl.IdlFile;
import org.apache.avro.idl.IdlReader;
import org.apache.avro.io.DecoderFactory;

/**
 * Tells what Avro for Java makes of things, as JSON, a line for each line of the input: "idl" of the paths of .avdl
 * and .avpr files, "compat" of pairs of schemas, objects {reader, writer, data: [hex of a datum, ...]}, whose canonical
 * forms and fingerprints it tells as well.
 */
public class Peer {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    for (String line; (line = lines.readLine()) != null;) {
      ObjectNode result = MAPPER.createObjectNode();
      try {
        if (arguments[0].equals("compat")) {
          compare(MAPPER.readTree(line), result);
        } else if (line.endsWith(".avpr")) {
          tell(Protocol.parse(new File(line)), result);
        } else {
          tell(new IdlReader().parse(Path.of(line)), result);
        }
      } catch (Throwable error) {
        result.removeAll();
        result.put("error", error.toString());
      }
      out.println(MAPPER.writeValueAsString(result));
    }
  }

  private static void compare(JsonNode pair, ObjectNode result) throws Exception {
    Schema reader = new Schema.Parser().parse(pair.get("reader").toString());
    Schema writer = new Schema.Parser().parse(pair.get("writer").toString());
    SchemaCompatibilityResult found =
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
    ArrayNode canonical = result.putArray("canonical");
    ArrayNode fingerprints = result.putArray("fingerprints");
    for (Schema each : new Schema[] {reader, writer}) {
      canonical.add(SchemaNormalization.toParsingForm(each));
      for (String algorithm : new String[] {"CRC-64-AVRO", "MD5", "SHA-256"}) {
        fingerprints.add(HexFormat.of().formatHex(SchemaNormalization.parsingFingerprint(algorithm, each)));
      }
    }
    result.put("compatible", found.getCompatibility() == SchemaCompatibilityType.COMPATIBLE);
    ArrayNode kinds = result.putArray("kinds");
    for (Incompatibility each : found.getIncompatibilities()) {
      kinds.add(each.getType().toString());
    }
    ArrayNode read = result.putArray("read");
    for (JsonNode data : pair.get("data")) {
      read.add(read(writer, reader, HexFormat.of().parseHex(data.textValue())));
    }
  }

  /** What reading a datum says: nothing, or the error. */
  private static String read(Schema writer, Schema reader, byte[] data) {
    try {
      new GenericDatumReader<>(writer, reader).read(null, DecoderFactory.get().binaryDecoder(data, null));
      return "";
    } catch (Throwable error) {
      return error.toString();
    }
  }

  private static void tell(Protocol protocol, ObjectNode result) throws Exception {
    result.set("protocol", MAPPER.readTree(protocol.toString()));
    result.put("md5", HexFormat.of().formatHex(protocol.getMD5()));
  }

  private static void tell(IdlFile file, ObjectNode result) throws Exception {
    if (file.getProtocol() != null) {
      tell(file.getProtocol(), result);
    }
    if (file.getMainSchema() != null) {
      result.set("schema", MAPPER.readTree(file.getMainSchema().toString()));
    }
    ArrayNode types = result.putArray("types");
    for (Schema type : file.getNamedSchemas().values()) {
      types.add(MAPPER.readTree(type.toString()));
    }
    result.put("warnings", file.getWarnings().size());
  }
}
