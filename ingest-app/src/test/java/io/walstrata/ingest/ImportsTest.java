package io.walstrata.ingest;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.core.importer.Locations;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Imports go one way, and each library has one place. */
class ImportsTest {
  private static final String ROOT = "io.walstrata.ingest";
  private static final String POSTGRES = "io.walstrata.postgres";
  private static final String HARNESS = "io.walstrata.harness";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importLocations(locations());

  /** The harness is on the class path among the tests: here it is taken from where it is built. */
  private static Set<Location> locations() {
    Set<Location> locations = new HashSet<>(Locations.ofPackage("io.walstrata"));
    locations.add(Location.of(Path.of("target/harness-classes")));
    return locations;
  }

  @Test
  void packages_formNoCycle() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    slices().matching(POSTGRES + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    slices().matching(HARNESS + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void job_doesNotUseTheHarness() {
    noClasses()
        .that()
        .resideOutsideOfPackage(HARNESS + "..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(HARNESS + "..")
        .check(CLASSES);
    assertThat(CLASSES.containPackage(HARNESS)).isTrue();
  }

  @Test
  void packages_areUsedFromAboveOnly() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("io.walstrata..")
        .layer("cli")
        .definedBy(ROOT + ".cli..")
        .layer("demo")
        .definedBy(HARNESS + ".demo..")
        .layer("bench")
        .definedBy(HARNESS + ".bench..")
        .layer("soak")
        .definedBy(HARNESS + ".soak..")
        .layer("servers")
        .definedBy(HARNESS + ".servers..")
        .layer("job")
        .definedBy(ROOT)
        .layer("produce")
        .definedBy(ROOT + ".produce..")
        .layer("deadletter")
        .definedBy(ROOT + ".deadletter..")
        .layer("start")
        .definedBy(ROOT + ".start..")
        .layer("status")
        .definedBy(ROOT + ".status..")
        .layer("query")
        .definedBy(ROOT + ".query..")
        .layer("config")
        .definedBy(ROOT + ".config..")
        .layer("http")
        .definedBy(ROOT + ".http..")
        .layer("avro")
        .definedBy(ROOT + ".avro..")
        .layer("postgres.wal")
        .definedBy(POSTGRES + ".wal..")
        .layer("postgres.page")
        .definedBy(POSTGRES + ".page..")
        .layer("postgres.backup")
        .definedBy(POSTGRES + ".backup..")
        .layer("postgres.rmgr")
        .definedBy(POSTGRES + ".rmgr..")
        .layer("postgres.redo")
        .definedBy(POSTGRES + ".redo..")
        .layer("layer store's streams")
        .definedBy("io.walstrata.layerstore.streams..")
        .layer("schemas")
        .definedBy("io.walstrata.schemas..")
        .whereLayer("demo")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("soak")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("bench")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("servers")
        .mayOnlyBeAccessedByLayers("demo", "soak", "bench")
        .whereLayer("cli")
        .mayOnlyBeAccessedByLayers("demo", "soak", "bench")
        .whereLayer("job")
        .mayOnlyBeAccessedByLayers("cli", "demo", "bench")
        .whereLayer("produce")
        .mayOnlyBeAccessedByLayers("cli", "demo", "bench")
        .whereLayer("http")
        .mayOnlyBeAccessedByLayers(
            "cli", "job", "status", "query", "config", "servers", "demo", "soak", "bench")
        .whereLayer("deadletter")
        .mayOnlyBeAccessedByLayers("cli", "job")
        .whereLayer("start")
        .mayOnlyBeAccessedByLayers("cli", "job")
        .whereLayer("status")
        .mayOnlyBeAccessedByLayers("cli", "job")
        .whereLayer("query")
        .mayOnlyBeAccessedByLayers("cli", "job", "status")
        .whereLayer("config")
        .mayOnlyBeAccessedByLayers("cli", "demo", "bench", "job", "start", "deadletter", "produce")
        .whereLayer("avro")
        .mayOnlyBeAccessedByLayers("job", "config", "bench")
        .whereLayer("postgres.wal")
        .mayOnlyBeAccessedByLayers(
            "cli",
            "demo",
            "job",
            "produce",
            "postgres.page",
            "postgres.backup",
            "postgres.rmgr",
            "postgres.redo")
        .whereLayer("postgres.backup")
        .mayOnlyBeAccessedByLayers("cli", "produce")
        .whereLayer("postgres.page")
        .mayOnlyBeAccessedByLayers(
            "cli", "config", "demo", "postgres.backup", "postgres.rmgr", "postgres.redo")
        .whereLayer("postgres.rmgr")
        .mayOnlyBeAccessedByLayers("cli", "demo", "job", "produce", "postgres.redo")
        .whereLayer("postgres.redo")
        .mayOnlyBeAccessedByLayers("cli", "config", "job", "bench")
        .whereLayer("layer store's streams")
        .mayOnlyBeAccessedByLayers(
            "avro", "job", "start", "status", "query", "config", "deadletter", "soak", "bench")
        .whereLayer("schemas")
        .mayOnlyBeAccessedByLayers(
            "avro", "job", "config", "status", "produce", "cli", "demo", "soak", "bench")
        .check(CLASSES);
  }

  @Test
  void postgres_isALibraryOfItsOwn() {
    noClasses()
        .that()
        .resideInAPackage(POSTGRES + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.walstrata..")
                .and(
                    resideOutsideOfPackages(
                        POSTGRES + "..",
                        "io.walstrata.layerstore.page..",
                        "io.walstrata.layerstore.redo..")))
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.kafka..", "org.postgresql..", "org.eclipse.jetty..", "picocli..")
        .check(CLASSES);
  }

  @Test
  void http_knowsNothingOfKafka() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".http..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..")
        .check(CLASSES);
  }

  @Test
  void kafkaInternals_areUsedByOneClass() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(HARNESS + ".bench.KafkaStoreContext")
        .and()
        .resideInAnyPackage(ROOT + "..", HARNESS + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka.streams..internals..")
        .check(CLASSES);
  }

  /**
   * The broker is not among the libraries of the job, nor of the harness: it has its own process.
   */
  @Test
  void broker_isUsedByOneClass() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(HARNESS + ".servers.BrokerMain")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("kafka..")
        .check(CLASSES);
  }

  @Test
  void libraries_stayInTheirPackages() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".http..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.eclipse.jetty..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".cli..")
        .and()
        .haveNameNotMatching(HARNESS + ".*(Command|BenchFlags|BenchRuns)(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".status..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.micrometer..", "io.prometheus..")
        .check(CLASSES);
  }
}
