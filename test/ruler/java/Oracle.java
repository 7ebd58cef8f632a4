import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import software.amazon.event.ruler.JsonRuleCompiler;
import software.amazon.event.ruler.Machine;
import software.amazon.event.ruler.MachineComplexityEvaluator;

/**
 * Asks event-ruler.
 *
 * "Oracle match" reads {"pattern", "event"} from standard input, one JSON object
 * per line and both as strings, and answers each line with {"match": bool} or
 * {"error": text}. With "measure" set it says how complex the wildcards of the
 * pattern are: {"complexity": number}.
 *
 * "Oracle bench RULES EVENTS" adds the patterns of one file, one per line, to a
 * machine and matches the events of another one with it, and prints what one
 * event costs.
 */
public final class Oracle {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        if (args[0].equals("match")) {
            match();
        } else {
            bench(Files.readAllLines(Path.of(args[1])), Files.readAllLines(Path.of(args[2])));
        }
    }

    private static void match() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode question = JSON.readTree(line);
            out.println(JSON.writeValueAsString(answer(question)));
        }
        out.flush();
    }

    private static JsonNode answer(JsonNode question) {
        String pattern = question.get("pattern").asText();
        String event = question.get("event").asText();
        boolean flat = question.path("flat").asBoolean();
        try {
            String error = JsonRuleCompiler.check(pattern);
            if (error != null) {
                return JSON.createObjectNode().put("error", error);
            }
            Machine machine = Machine.builder().withStructuredMatching(!flat).build();
            machine.addRule("rule", pattern);
            if (question.path("measure").asBoolean()) {
                int complexity = machine.evaluateComplexity(new MachineComplexityEvaluator(100));
                return JSON.createObjectNode().put("complexity", complexity);
            }
            return JSON.createObjectNode().put("match", !machine.rulesForJSONEvent(event).isEmpty());
        } catch (Exception e) {
            return JSON.createObjectNode().put("crash", e.toString());
        }
    }

    private static void bench(List<String> rules, List<String> events) throws Exception {
        Machine machine = new Machine();
        long began = System.nanoTime();
        for (int i = 0; i < rules.size(); i++) {
            machine.addRule(Integer.toString(i), rules.get(i));
        }
        double added = (System.nanoTime() - began) / 1e3 / rules.size();
        long matches = 0;
        for (String event : events) {
            matches += machine.rulesForJSONEvent(event).size();
        }
        run(machine, events, 1_500_000_000L); // lets the virtual machine warm up
        double nanos = run(machine, events, 1_000_000_000L);
        System.out.println(JSON.createObjectNode().put("nanos", nanos).put("matches", matches).put("addMicros", added));
    }

    /** Returns the processor time of one event in nanoseconds. */
    private static double run(Machine machine, List<String> events, long enough) throws Exception {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long began = threads.getCurrentThreadCpuTime();
        long n = 0;
        while (threads.getCurrentThreadCpuTime() - began < enough) {
            for (int i = 0; i < 64; i++) {
                machine.rulesForJSONEvent(events.get((int) (n++ % events.size())));
            }
        }
        return (double) (threads.getCurrentThreadCpuTime() - began) / n;
    }
}
