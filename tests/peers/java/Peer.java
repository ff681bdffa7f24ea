import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Conversions;
import org.apache.avro.Protocol;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityResult;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.file.SeekableByteArrayInput;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.idl.IdlFile;
import org.apache.avro.idl.IdlReader;
import org.apache.avro.io.BinaryData;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.Encoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.util.TimePeriod;

/**
 * Tells what Avro for Java makes of things, as JSON, a line for each line of the input. What it is told of:
 * <ul>
 * <li>"idl": the path of an .avdl or .avpr file.
 * <li>"compat": {reader, writer, data}: a pair of schemas, whose canonical forms and fingerprints it tells as well,
 * and data to read.
 * <li>"data": {schema, data, json, messages, pairs, components}: data in binary, as JSON text and as single-object
 * messages, all of which it reads and writes; which of the data to compare; and values of a logical type.
 * <li>"file": {schema, codec, level, interval, data, files}: data to write to a file, and files to read and to append
 * the data to.
 * </ul>
 * Bytes are hexadecimal. Where an item cannot be done, {error} stands in the place of its result.
 */
public class Peer {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final HexFormat HEX = HexFormat.of();
  private static final GenericData PLAIN = new Ordered();
  private static final GenericData CONVERTING = converting();

  public static void main(String[] arguments) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    for (String line; (line = lines.readLine()) != null;) {
      ObjectNode result = MAPPER.createObjectNode();
      try {
        answer(arguments[0], line, result);
      } catch (Throwable error) {
        result.removeAll();
        result.put("error", error.toString());
      }
      out.println(MAPPER.writeValueAsString(result));
    }
  }

  private static void answer(String what, String line, ObjectNode result) throws Exception {
    switch (what) {
      case "compat" -> compare(MAPPER.readTree(line), result);
      case "data" -> data(MAPPER.readTree(line), result);
      case "file" -> file(MAPPER.readTree(line), result);
      default -> {
        if (line.endsWith(".avpr")) {
          tell(Protocol.parse(new File(line)), result);
        } else {
          tell(new IdlReader().parse(Path.of(line)), result);
        }
      }
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
        fingerprints.add(HEX.formatHex(SchemaNormalization.parsingFingerprint(algorithm, each)));
      }
    }
    result.put("compatible", found.getCompatibility() == SchemaCompatibilityType.COMPATIBLE);
    ArrayNode kinds = result.putArray("kinds");
    for (Incompatibility each : found.getIncompatibilities()) {
      kinds.add(each.getType().toString());
    }
    ArrayNode read = result.putArray("read");
    for (JsonNode data : pair.get("data")) {
      read.add(read(writer, reader, HEX.parseHex(data.textValue())));
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
    result.put("md5", HEX.formatHex(protocol.getMD5()));
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

  private static void data(JsonNode asked, ObjectNode result) throws Exception {
    Schema schema = new Schema.Parser().parse(asked.get("schema").toString());
    JsonNode data = asked.get("data");
    BinaryMessageEncoder<Object> toMessage = new BinaryMessageEncoder<>(PLAIN, schema);
    BinaryMessageDecoder<Object> fromMessage = new BinaryMessageDecoder<>(PLAIN, schema);
    each(result, "binary", data, it -> binary(PLAIN, schema, plain(schema, it)));
    each(result, "converted", data, it -> binary(CONVERTING, schema, read(CONVERTING, schema, hex(it))));
    each(result, "in_blocks", data, it -> inBlocks(schema, plain(schema, it)));
    each(result, "to_json", data, it -> json(schema, plain(schema, it)));
    each(result, "from_json", asked.get("json"), it -> binary(PLAIN, schema, fromJson(schema, it.textValue())));
    each(result, "to_message", data, it -> HEX.formatHex(toMessage.encode(plain(schema, it)).array()));
    each(result, "from_message", asked.get("messages"),
        it -> binary(PLAIN, schema, fromMessage.decode(hex(it))));
    each(result, "order", asked.get("pairs"),
        it -> order(schema, hex(data.get(it.get(0).intValue())), hex(data.get(it.get(1).intValue()))));
    boolean logical = asked.has("components");
    each(result, "components", logical ? data : MAPPER.createArrayNode(),
        it -> components(read(CONVERTING, schema, hex(it))));
    each(result, "from_components", logical ? asked.get("components") : MAPPER.createArrayNode(),
        it -> binary(CONVERTING, schema, value(schema.getLogicalType().getName(), it)));
  }

  private static void file(JsonNode asked, ObjectNode result) throws Exception {
    Schema schema = new Schema.Parser().parse(asked.get("schema").toString());
    each(result, "read", asked.get("files"), it -> rows(hex(it)));
    each(result, "appended", asked.get("files"), it -> appended(schema, hex(it), asked.get("data")));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DataFileWriter<Object> writer = new DataFileWriter<>(new GenericDatumWriter<>(schema, PLAIN))) {
      writer.setCodec(codec(asked.get("codec").textValue(), asked.get("level").intValue()));
      writer.setSyncInterval(asked.get("interval").intValue());
      writer.setMeta("note", "Z\u00fcrich");
      writer.create(schema, out);
      append(writer, schema, asked.get("data"));
    }
    result.put("written", HEX.formatHex(out.toByteArray()));
  }

  private static void append(DataFileWriter<Object> writer, Schema schema, JsonNode data) throws IOException {
    for (JsonNode datum : data) {
      writer.append(plain(schema, datum));
    }
  }

  /** The data of a file and its entry "note". */
  private static JsonNode rows(byte[] bytes) throws IOException {
    GenericDatumReader<Object> decoding = new GenericDatumReader<>(null, null, PLAIN);
    try (DataFileReader<Object> file = new DataFileReader<>(new SeekableByteArrayInput(bytes), decoding)) {
      ObjectNode result = MAPPER.createObjectNode();
      result.put("note", file.getMetaString("note"));
      ArrayNode rows = result.putArray("data");
      while (file.hasNext()) {
        rows.add(binary(PLAIN, file.getSchema(), file.next()));
      }
      return result;
    }
  }

  private static String appended(Schema schema, byte[] file, JsonNode data) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(file);
    try (DataFileWriter<Object> writer = new DataFileWriter<>(new GenericDatumWriter<>(schema, PLAIN))) {
      writer.appendTo(new SeekableByteArrayInput(file), out);
      append(writer, schema, data);
    }
    return HEX.formatHex(out.toByteArray());
  }

  private static CodecFactory codec(String name, int level) {
    return switch (name) {
      case "deflate" -> CodecFactory.deflateCodec(level);
      case "xz" -> CodecFactory.xzCodec(level);
      case "zstandard" -> CodecFactory.zstandardCodec(level, level % 2 == 1);
      default -> CodecFactory.fromString(name);
    };
  }

  private static Object plain(Schema schema, JsonNode datum) throws IOException {
    return read(PLAIN, schema, hex(datum));
  }

  private static Object read(GenericData model, Schema schema, byte[] data) throws IOException {
    return read(model, schema, DecoderFactory.get().binaryDecoder(data, null));
  }

  private static Object read(GenericData model, Schema schema, Decoder decoder) throws IOException {
    return new GenericDatumReader<>(schema, schema, model).read(null, decoder);
  }

  private static Object fromJson(Schema schema, String text) throws IOException {
    return read(PLAIN, schema, DecoderFactory.get().jsonDecoder(schema, text));
  }

  private static String binary(GenericData model, Schema schema, Object value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(model, schema, value, EncoderFactory.get().binaryEncoder(out, null));
    return HEX.formatHex(out.toByteArray());
  }

  /** In binary, arrays and maps in small blocks that tell their sizes. */
  private static String inBlocks(Schema schema, Object value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(PLAIN, schema, value, new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(out, null));
    return HEX.formatHex(out.toByteArray());
  }

  private static String json(Schema schema, Object value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(PLAIN, schema, value, EncoderFactory.get().jsonEncoder(schema, out));
    return out.toString(StandardCharsets.UTF_8);
  }

  private static void write(GenericData model, Schema schema, Object value, Encoder encoder) throws IOException {
    new GenericDatumWriter<>(schema, model).write(value, encoder);
    encoder.flush();
  }

  private static int order(Schema schema, byte[] left, byte[] right) {
    return Integer.signum(BinaryData.compare(left, 0, right, 0, schema));
  }

  /** What a value of a logical type is made of: numbers that depend on nobody's way of printing it. */
  private static ArrayNode components(Object value) {
    ArrayNode parts = MAPPER.createArrayNode();
    if (value instanceof LocalDate date) {
      parts.add(date.getYear()).add(date.getMonthValue()).add(date.getDayOfMonth());
    } else if (value instanceof LocalTime time) {
      parts.add(time.getHour()).add(time.getMinute()).add(time.getSecond()).add(time.getNano());
    } else if (value instanceof LocalDateTime both) {
      parts.addAll(components(both.toLocalDate())).addAll(components(both.toLocalTime()));
    } else if (value instanceof Instant instant) {
      parts.addAll(components(LocalDateTime.ofInstant(instant, ZoneOffset.UTC)));
    } else if (value instanceof BigDecimal decimal) {
      parts.add(decimal.unscaledValue().toString()).add(decimal.scale());
    } else if (value instanceof UUID uuid) {
      parts.add(HEX.toHexDigits(uuid.getMostSignificantBits()) + HEX.toHexDigits(uuid.getLeastSignificantBits()));
    } else if (value instanceof TimePeriod period) {
      parts.add(period.getMonths()).add(period.getDays()).add(period.getMillis());
    } else {
      throw new IllegalArgumentException("Java has no value of its own: " + value.getClass());
    }
    return parts;
  }

  /** The value of a logical type that is made of these. */
  private static Object value(String type, JsonNode parts) {
    return switch (type) {
      case "date" -> date(parts);
      case "time-millis", "time-micros" -> time(parts, 0);
      case "timestamp-millis", "timestamp-micros", "timestamp-nanos" ->
        LocalDateTime.of(date(parts), time(parts, 3)).toInstant(ZoneOffset.UTC);
      case "local-timestamp-millis", "local-timestamp-micros", "local-timestamp-nanos" ->
        LocalDateTime.of(date(parts), time(parts, 3));
      case "decimal", "big-decimal" ->
        new BigDecimal(new BigInteger(parts.get(0).textValue()), parts.get(1).intValue());
      case "uuid" -> uuid(parts.get(0).textValue());
      case "duration" -> TimePeriod.of(parts.get(0).longValue(), parts.get(1).longValue(), parts.get(2).longValue());
      default -> throw new IllegalArgumentException("no values are known of " + type);
    };
  }

  private static LocalDate date(JsonNode parts) {
    return LocalDate.of(parts.get(0).intValue(), parts.get(1).intValue(), parts.get(2).intValue());
  }

  private static LocalTime time(JsonNode parts, int from) {
    return LocalTime.of(parts.get(from).intValue(), parts.get(from + 1).intValue(), parts.get(from + 2).intValue(),
        parts.get(from + 3).intValue());
  }

  private static UUID uuid(String digits) {
    return new UUID(HexFormat.fromHexDigitsToLong(digits, 0, 16), HexFormat.fromHexDigitsToLong(digits, 16, 32));
  }

  private static byte[] hex(JsonNode text) {
    return HEX.parseHex(text.textValue());
  }

  private interface Work {
    Object of(JsonNode item) throws Exception;
  }

  /** Puts down what becomes of each item: a result or an error. */
  private static void each(ObjectNode result, String name, JsonNode items, Work work) {
    ArrayNode results = result.putArray(name);
    for (JsonNode item : items) {
      try {
        results.addPOJO(work.of(item));
      } catch (Throwable error) {
        results.addObject().put("error", error.toString());
      }
    }
  }

  /** Keeps the entries of maps in the order of the data, so that they can be written as they were. */
  private static class Ordered extends GenericData {
    @Override
    public Object newMap(Object old, int size) {
      return old instanceof Map ? super.newMap(old, size) : new LinkedHashMap<>();
    }
  }

  private static GenericData converting() {
    GenericData model = new Ordered();
    model.addLogicalTypeConversion(new Conversions.DecimalConversion());
    model.addLogicalTypeConversion(new Conversions.BigDecimalConversion());
    model.addLogicalTypeConversion(new Conversions.UUIDConversion());
    model.addLogicalTypeConversion(new Conversions.DurationConversion());
    model.addLogicalTypeConversion(new TimeConversions.DateConversion());
    model.addLogicalTypeConversion(new TimeConversions.TimeMillisConversion());
    model.addLogicalTypeConversion(new TimeConversions.TimeMicrosConversion());
    model.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
    model.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
    model.addLogicalTypeConversion(new TimeConversions.TimestampNanosConversion());
    model.addLogicalTypeConversion(new TimeConversions.LocalTimestampMillisConversion());
    model.addLogicalTypeConversion(new TimeConversions.LocalTimestampMicrosConversion());
    model.addLogicalTypeConversion(new TimeConversions.LocalTimestampNanosConversion());
    return model;
  }
}
