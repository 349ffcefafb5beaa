package io.walstrata.schemas.serde;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "io.walstrata.schemas",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule ONE_CLASS_KNOWS_THE_RELOCATED_CLIENT =
      noClasses()
          .that()
          .haveNameNotMatching(".*\\.ConfluentSchemaRegistry(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink..", "io.confluent..");

  @ArchTest
  static final ArchRule SCHEMAS_KNOW_NOTHING_OF_LAYERS =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.walstrata.layerstore..", "io.walstrata.ingest..");
}
