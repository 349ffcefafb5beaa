package io.walstrata.layerstore.streams;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.walstrata.layerstore", importOptions = DoNotIncludeTests.class)
class StreamsArchitectureTest {
  @ArchTest
  static final ArchRule internalsOfKafkaAreUsedByOneClass =
      noClasses()
          .that()
          .doNotHaveSimpleName("KafkaInternals")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.kafka..internals..");

  @ArchTest
  static final ArchRule adapterLeavesFilesToTheEngine =
      noClasses()
          .that()
          .resideInAPackage("io.walstrata.layerstore.streams..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.nio.channels..", "io.walstrata.layerstore.internal.format..");
}
