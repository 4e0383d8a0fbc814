// Reference: the 20-moment job on Kafka Streams, exactly_once_v2, a commit every 100 ms.
//
// Measured BOOTSTRAP INPUT OUTPUT memory|rocksdb STATE_DIRECTORY COUNT
//
// Written to be hard to beat: one compact binary record per account instead of JSON, a cache in front of the store so
// that the changelog gets one record per account and commit, and no work that the job does not ask for. It does not
// recognise duplicates, keeps no journal and decides nothing: of what fires it publishes that it fired.

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

public final class Measured {
    static final String STORE = "accounts";
    static final String[] EVENTS = {"file.stored", "report.exported", "link.downloaded", "project.copied"};
    static final String[] COUNTED = {"files", "exports", "downloads", "copies"};
    static final String[] SUMMED = {"storage_gb", "export_gb", "transfer_gb", "copy_gb"};
    static final long[] MILESTONES = {1_000, 20_000, 80_000};
    static final BigDecimal[] STEPS = {new BigDecimal("0.8"), new BigDecimal("0.9"), BigDecimal.ONE};
    static final BigDecimal SUM_LIMIT = new BigDecimal(50_000);
    static final BigDecimal COUNT_LIMIT = new BigDecimal(1_000_000);
    static final BigDecimal REARM_BELOW = new BigDecimal("0.7");
    static final long TELL_NS = 50_000_000;

    @JsonIgnoreProperties(ignoreUnknown = true)
    public static final class Event {
        public String specversion;
        public String id;
        public String source;
        public String type;
        public String subject;
        public String time;
        public Data data;
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    public static final class Data {
        public BigDecimal quantity = BigDecimal.ONE;
        public Map<String, Object> properties;
    }

    /** Per type of event: a count, a sum, the step passed of each limit, its arm, and one bit per milestone. */
    static final class Account {
        final BigDecimal[] counts = new BigDecimal[4];
        final BigDecimal[] sums = new BigDecimal[4];
        final byte[] countSteps = new byte[4];
        final byte[] sumSteps = new byte[4];
        final int[] countArms = new int[4];
        final int[] sumArms = new int[4];
        final byte[] reached = new byte[4];

        Account() {
            for (int i = 0; i < 4; i++) {
                counts[i] = BigDecimal.ZERO;
                sums[i] = BigDecimal.ZERO;
            }
        }

        static Account of(byte[] raw) {
            Account account = new Account();
            ByteBuffer in = ByteBuffer.wrap(raw);
            for (int i = 0; i < 4; i++) {
                account.counts[i] = decimal(in);
                account.sums[i] = decimal(in);
                account.countSteps[i] = in.get();
                account.sumSteps[i] = in.get();
                account.countArms[i] = in.getInt();
                account.sumArms[i] = in.getInt();
                account.reached[i] = in.get();
            }
            return account;
        }

        byte[] bytes() {
            ByteBuffer out = ByteBuffer.allocate(512);
            for (int i = 0; i < 4; i++) {
                put(out, counts[i]);
                put(out, sums[i]);
                out.put(countSteps[i]).put(sumSteps[i]).putInt(countArms[i]).putInt(sumArms[i]).put(reached[i]);
            }
            byte[] raw = new byte[out.position()];
            out.flip();
            out.get(raw);
            return raw;
        }

        private static void put(ByteBuffer out, BigDecimal number) {
            byte[] digits = number.unscaledValue().toByteArray();
            out.putInt(number.scale()).put((byte) digits.length).put(digits);
        }

        private static BigDecimal decimal(ByteBuffer in) {
            int scale = in.getInt();
            byte[] digits = new byte[in.get()];
            in.get(digits);
            return new BigDecimal(new BigInteger(digits), scale);
        }
    }

    static final class Watch implements Processor<String, byte[], String, byte[]> {
        private final ObjectReader reader = new ObjectMapper()
                .enable(com.fasterxml.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .readerFor(Event.class);
        private final Map<String, Integer> kinds = new HashMap<>();
        private ProcessorContext<String, byte[]> context;
        private KeyValueStore<String, byte[]> accounts;

        @Override
        public void init(ProcessorContext<String, byte[]> given) {
            context = given;
            accounts = given.getStateStore(STORE);
            for (int i = 0; i < EVENTS.length; i++) {
                kinds.put(EVENTS[i], i);
            }
        }

        @Override
        public void process(Record<String, byte[]> record) {
            Event event;
            try {
                event = reader.readValue(record.value());
            } catch (java.io.IOException unreadable) {
                throw new IllegalStateException(unreadable);
            }
            Integer kind = kinds.get(event.type);
            if (kind != null) {
                byte[] raw = accounts.get(event.subject);
                Account account = raw == null ? new Account() : Account.of(raw);
                count(account, kind, event, record);
                accounts.put(event.subject, account.bytes());
            }
            done(context.taskId().partition());
        }

        private void count(Account account, int kind, Event event, Record<String, byte[]> record) {
            BigDecimal size = new BigDecimal(event.data.properties.get("size_gb").toString());
            account.counts[kind] = account.counts[kind].add(event.data.quantity);
            account.sums[kind] = account.sums[kind].add(size);
            for (int i = 0; i < MILESTONES.length; i++) {
                boolean passed = (account.reached[kind] & (1 << i)) != 0;
                if (!passed && account.counts[kind].compareTo(BigDecimal.valueOf(MILESTONES[i])) >= 0) {
                    account.reached[kind] |= (byte) (1 << i);
                    tell(record, COUNTED[kind] + "_" + MILESTONES[i], MILESTONES[i]);
                }
            }
            byte step = step(account.counts[kind], COUNT_LIMIT);
            byte before = account.countSteps[kind];
            if (before > 0 && account.counts[kind].compareTo(COUNT_LIMIT.multiply(REARM_BELOW)) < 0) {
                account.countArms[kind]++;
                before = 0;
            }
            if (step > before) {
                tell(record, COUNTED[kind] + "_full", step);
            }
            account.countSteps[kind] = (byte) Math.max(step, before);
            step = step(account.sums[kind], SUM_LIMIT);
            before = account.sumSteps[kind];
            if (before > 0 && account.sums[kind].compareTo(SUM_LIMIT.multiply(REARM_BELOW)) < 0) {
                account.sumArms[kind]++;
                before = 0;
            }
            if (step > before) {
                tell(record, SUMMED[kind] + "_full", step);
            }
            account.sumSteps[kind] = (byte) Math.max(step, before);
        }

        private static byte step(BigDecimal value, BigDecimal limit) {
            byte passed = 0;
            for (int i = 0; i < STEPS.length; i++) {
                if (STEPS[i].multiply(limit).compareTo(value) <= 0) {
                    passed = (byte) (i + 1);
                }
            }
            return passed;
        }

        private void tell(Record<String, byte[]> record, String moment, long step) {
            String told = "{\"account\":\"" + record.key() + "\",\"moment\":\"" + moment + "\",\"step\":" + step + "}";
            context.forward(record.withValue(told.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        }
    }

    private static long done;
    private static long toldAt;
    private static long total;

    private static synchronized void done(int partition) {
        done++;
        if (done % 64 == 0 || done == total) {
            long now = System.nanoTime();
            if (now - toldAt >= TELL_NS || done == total) {
                toldAt = now;
                System.out.println("P " + now / 1e9 + " " + done);
                System.out.flush();
            }
        }
    }

    public static void main(String[] told) {
        total = Long.parseLong(told[5]);
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, told[1] + "-streams-" + told[3]);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, told[0]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L * 1024 * 1024);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, told[4]);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        settings.put(StreamsConfig.consumerPrefix("max.partition.fetch.bytes"), 4 * 1024 * 1024);
        KeyValueBytesStoreSupplier kept = told[3].equals("memory")
                ? Stores.inMemoryKeyValueStore(STORE)
                : Stores.persistentKeyValueStore(STORE);
        Topology topology = new Topology();
        topology.addSource("in", Serdes.String().deserializer(), Serdes.ByteArray().deserializer(), told[1]);
        topology.addProcessor("watch", Watch::new, "in");
        topology.addStateStore(
                Stores.keyValueStoreBuilder(kept, Serdes.String(), Serdes.ByteArray()).withCachingEnabled(), "watch");
        topology.addSink("out", told[2], Serdes.String().serializer(), Serdes.ByteArray().serializer(), "watch");
        KafkaStreams streams = new KafkaStreams(topology, settings);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(5))));
        streams.start();
    }
}
