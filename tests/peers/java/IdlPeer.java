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
import org.apache.avro.idl.IdlFile;
import org.apache.avro.idl.IdlReader;

/** Reads paths of .avdl and .avpr files, one a line, and prints what Avro for Java makes of each, as JSON. */
public class IdlPeer {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    BufferedReader paths = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    for (String path; (path = paths.readLine()) != null;) {
      ObjectNode result = MAPPER.createObjectNode();
      try {
        if (path.endsWith(".avpr")) {
          tell(Protocol.parse(new File(path)), result);
        } else {
          tell(new IdlReader().parse(Path.of(path)), result);
        }
      } catch (Throwable error) {
        result.removeAll();
        result.put("error", error.toString());
      }
      out.println(MAPPER.writeValueAsString(result));
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
