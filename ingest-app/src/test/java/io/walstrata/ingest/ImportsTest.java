package io.walstrata.ingest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Imports go one way, and each library has one place. */
class ImportsTest {
  private static final String ROOT = "io.walstrata.ingest";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.walstrata");

  @Test
  void packages_formNoCycle() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void packages_areUsedFromAboveOnly() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("io.walstrata..")
        .layer("cli")
        .definedBy(ROOT + ".cli..")
        .layer("demo")
        .definedBy(ROOT + ".demo..")
        .layer("bench")
        .definedBy(ROOT + ".bench..")
        .layer("soak")
        .definedBy(ROOT + ".soak..")
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
        .layer("pgwal")
        .definedBy(ROOT + ".pgwal..")
        .layer("layer store's streams")
        .definedBy("io.walstrata.layerstore.streams..")
        .layer("schemas")
        .definedBy("io.walstrata.schemas..")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("soak")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("demo")
        .mayOnlyBeAccessedByLayers("cli", "soak", "bench")
        .whereLayer("bench")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("job")
        .mayOnlyBeAccessedByLayers("cli", "demo", "bench")
        .whereLayer("produce")
        .mayOnlyBeAccessedByLayers("cli", "demo", "bench")
        .whereLayer("http")
        .mayOnlyBeAccessedByLayers(
            "cli", "demo", "job", "status", "query", "config", "soak", "bench")
        .whereLayer("deadletter")
        .mayOnlyBeAccessedByLayers("cli", "job")
        .whereLayer("start")
        .mayOnlyBeAccessedByLayers("cli", "job")
        .whereLayer("status")
        .mayOnlyBeAccessedByLayers("cli", "job")
        .whereLayer("query")
        .mayOnlyBeAccessedByLayers("job", "status")
        .whereLayer("config")
        .mayOnlyBeAccessedByLayers("cli", "demo", "bench", "job", "start", "deadletter")
        .whereLayer("avro")
        .mayOnlyBeAccessedByLayers("job", "config", "bench")
        .whereLayer("pgwal")
        .mayOnlyBeAccessedByLayers("cli", "demo", "job", "produce")
        .whereLayer("layer store's streams")
        .mayOnlyBeAccessedByLayers(
            "avro", "job", "start", "status", "query", "config", "deadletter", "soak", "bench")
        .whereLayer("schemas")
        .mayOnlyBeAccessedByLayers(
            "avro", "job", "config", "status", "produce", "cli", "demo", "soak", "bench")
        .check(CLASSES);
  }

  @Test
  void walDecoding_isPureJava() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".pgwal..")
        .should()
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
  void kafkaInternals_areBehindOneClass() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(ROOT + ".bench.KafkaStoreContext")
        .and()
        .resideInAPackage(ROOT + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka.streams..internals..")
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
