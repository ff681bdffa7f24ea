import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.sasl.Sasl;
import org.apache.avro.AvroRemoteException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Protocol;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.ipc.HttpTransceiver;
import org.apache.avro.ipc.SaslSocketServer;
import org.apache.avro.ipc.SaslSocketTransceiver;
import org.apache.avro.ipc.Server;
import org.apache.avro.ipc.SocketServer;
import org.apache.avro.ipc.SocketTransceiver;
import org.apache.avro.ipc.Transceiver;
import org.apache.avro.ipc.generic.GenericRequestor;
import org.apache.avro.ipc.generic.GenericResponder;
import org.apache.avro.ipc.jetty.HttpServer;
import org.apache.avro.ipc.netty.NettyServer;
import org.apache.avro.ipc.netty.NettyTransceiver;

/**
 * Avro for Java's clients and servers of the protocol of run_java_rpc.py.
 * <ul>
 * <li>"serve PROTOCOL": serves by all transports, prints their ports as JSON, and ends with its input.
 * <li>"call PROTOCOL CALLS THREADS TRANSPORT PORT ...": calls servers, and prints what came as JSON, a line for each.
 * </ul>
 */
public class RpcPeer {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    Protocol protocol = Protocol.parse(new File(arguments[1]));
    if (arguments[0].equals("serve")) {
      serve(protocol);
    } else {
      for (int i = 4; i < arguments.length; i += 2) {
        call(protocol, arguments[i], Integer.parseInt(arguments[i + 1]), Integer.parseInt(arguments[2]),
            Integer.parseInt(arguments[3]));
      }
    }
    System.exit(0);
  }

  private static void serve(Protocol protocol) throws Exception {
    Answers answers = new Answers(protocol);
    HttpServer http = new HttpServer(answers, 0);
    Server[] servers = { http, new SaslSocketServer(answers, local(0)), new SocketServer(answers, local(0)),
        new NettyServer(answers, local(0)) };
    String[] names = { "http", "sasl", "socket", "netty" };
    ObjectNode ports = MAPPER.createObjectNode();
    for (int i = 0; i < servers.length; i++) {
      servers[i].start();
      ports.put(names[i], servers[i].getPort());
    }
    System.out.println(ports);
    while (System.in.read() >= 0) {
    }
  }

  private static class Answers extends GenericResponder {
    private final AtomicInteger fired = new AtomicInteger();

    Answers(Protocol protocol) {
      super(protocol);
    }

    @Override
    public Object respond(Protocol.Message message, Object request) throws Exception {
      switch (message.getName()) {
      case "fire":
        fired.incrementAndGet();
        return null;
      case "note":
        return null;
      case "fired":
        return fired.get();
      default:
        GenericRecord letter = (GenericRecord) ((GenericRecord) request).get("letter");
        if (letter.get("to").toString().equals("nobody")) {
          GenericData.Record bad = new GenericData.Record(getLocal().getType("org.post.Bad"));
          bad.put("why", "no box");
          throw new AvroRemoteException(bad);
        }
        if (letter.get("to").toString().equals("boom")) {
          throw new IllegalStateException("boom");
        }
        return letter.toString();
      }
    }
  }

  private static InetSocketAddress local(int port) {
    return new InetSocketAddress("127.0.0.1", port);
  }

  private static Transceiver transceiver(String transport, int port) throws Exception {
    switch (transport) {
    case "http":
      return new HttpTransceiver(new URL("http://127.0.0.1:" + port + "/"));
    case "sasl":
      return new SaslSocketTransceiver(local(port));
    case "plain":
      return new SaslSocketTransceiver(local(port),
          Sasl.createSaslClient(new String[] { "PLAIN" }, null, "avro", "localhost", null, RpcPeer::credentials));
    case "socket":
      return new SocketTransceiver(local(port));
    default:
      return new NettyTransceiver(local(port));
    }
  }

  private static void credentials(Callback[] callbacks) {
    for (Callback callback : callbacks) {
      if (callback instanceof NameCallback) {
        ((NameCallback) callback).setName("ann");
      } else if (callback instanceof PasswordCallback) {
        ((PasswordCallback) callback).setPassword("secret".toCharArray());
      }
    }
  }

  private static void call(Protocol protocol, String transport, int port, int calls, int threads) throws Exception {
    Transceiver transceiver = transceiver(transport, port);
    GenericRequestor requestor = new GenericRequestor(protocol, transceiver);
    ObjectNode result = MAPPER.createObjectNode();
    result.put("error", told(requestor, protocol, "nobody"));
    result.put("failure", told(requestor, protocol, "boom"));
    String big = "x".repeat(300_000);
    result.put("big", told(requestor, protocol, big).length() >= big.length());
    requestor.request("fire", new GenericData.Record(protocol.getMessages().get("fire").getRequest()));
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    List<Future<String>> answers = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      String to = "box " + i;
      answers.add(pool.submit(() -> told(requestor, protocol, to)));
    }
    for (Future<String> answer : answers) {
      result.withArray("answers").add(answer.get());
    }
    result.put("fired", requestor
        .request("fired", new GenericData.Record(protocol.getMessages().get("fired").getRequest())).toString());
    System.out.println(result);
    transceiver.close();
  }

  private static String told(GenericRequestor requestor, Protocol protocol, String to) throws Exception {
    Schema parameters = protocol.getMessages().get("send").getRequest();
    GenericData.Record letter = new GenericData.Record(parameters.getField("letter").schema());
    letter.put("to", to);
    GenericData.Record request = new GenericData.Record(parameters);
    request.put("letter", letter);
    try {
      return requestor.request("send", request).toString();
    } catch (AvroRemoteException error) {
      return "error: " + error.getValue();
    } catch (AvroRuntimeException error) { // one that the message does not declare
      return "error: " + error.getMessage();
    }
  }
}
