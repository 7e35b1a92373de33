//! What Maven Central gets: the package with this platform's library alone, and the emulator's with its program.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::Path;

use anyhow::Result;

use super::{PACKAGE, downloading, jna_folder, native, prepare_release};
use crate::compile::EMULATOR;
use crate::dist::{Dist, newest};
use crate::tool;
use crate::workspace::Workspace;

const INSTALL: &str = "org.apache.maven.plugins:maven-install-plugin:install-file";

/// The artifacts and where they are made.
const MODULES: [(&str, &str); 2] =
    [("stytch-m2m", PACKAGE), (EMULATOR, "bindings/kotlin/emulator")];

/// As a test suite would have it.
const TESTING: &str =
    "fun main() = io.github.stytchm2m.testing.Emulator.start().use { println(it) }\n";

pub(super) fn build(dist: &Dist<'_>) -> Result<Vec<String>> {
    prepare_release(dist.workspace)?;
    if cfg!(target_os = "linux") {
        // Bindgen has read its symbols.
        let library = newest(&native(dist.workspace), "lib", ".so")?;
        dist.workspace.step("strip").arg("--strip-unneeded").arg(library).run()?;
    }
    prepare_emulator(dist.workspace)?;
    let mut usage = Vec::new();
    for (name, module) in MODULES {
        package(dist, name, module)?;
        let [jar, pom] = files(dist, name).map(|file| dist.package(&file));
        usage.push(format!("mvn {INSTALL} -Dfile={jar} -DpomFile={pom}"));
    }
    let version = &dist.version;
    usage.push(format!("then depend on io.github.stytch-m2m:stytch-m2m:{version}"));
    let scope = "with the scope test, for io.github.stytchm2m.testing";
    usage.push(format!("and on io.github.stytch-m2m:{EMULATOR}:{version} {scope}"));
    Ok(usage)
}

/// Compiles the emulator, and puts it where its jar is made of.
fn prepare_emulator(workspace: &Workspace) -> Result<()> {
    let compile = workspace.cargo().args(["build", "--release", "--package", EMULATOR]);
    compile.named("compile the emulator, optimized").run()?;
    let program = format!("{EMULATOR}{EXE_SUFFIX}");
    let folder = workspace.path("bindings/kotlin/emulator/target/program").join(jna_folder());
    fs::create_dir_all(&folder)?;
    fs::copy(workspace.target("release").join(&program), folder.join(&program))?;
    Ok(())
}

fn package(dist: &Dist<'_>, name: &str, module: &str) -> Result<()> {
    let package = ["package", "-DskipTests", "-Dmaven.test.skip=true"];
    let package = tool::maven(dist.workspace, module).args(package);
    let package = downloading(dist.workspace, package, "120 MB");
    package.named(format!("mvn package of {name}, without the tests")).run()?;
    let [jar, pom] = files(dist, name);
    let made = dist.workspace.path(module).join("target").join(&jar);
    fs::copy(made, dist.folder.join(&jar))?;
    dist.copy(&format!("{module}/pom.xml"), &dist.folder.join(&pom))
}

fn files(dist: &Dist<'_>, name: &str) -> [String; 2] {
    ["jar", "pom"].map(|kind| format!("{name}-{}.{kind}", dist.version))
}

pub(super) fn make(dist: &Dist<'_>) -> Result<()> {
    build(dist)?;
    // A project of its own, which finds the jars in a repository.
    let home = dist.empty("jvm-proof")?;
    let repository = home.join("repository");
    for (name, _) in MODULES {
        install(dist, name, &home, &repository)?;
    }
    fs::write(home.join("pom.xml"), project(dist, &repository.display().to_string())?)?;
    dist.copy("examples/kotlin/programs/Quickstart.kt", &home.join("Quickstart.kt"))?;
    fs::write(home.join("Testing.kt"), TESTING)?;
    let run = ["--quiet", "compile", "exec:java", "-Dexec.mainClass=QuickstartKt"];
    dist.quickstart(tool::maven(dist.workspace, &home).args(run))?;
    let run = ["--quiet", "exec:java", "-Dexec.mainClass=TestingKt"];
    tool::maven(dist.workspace, &home).args(run).run()
}

fn install(dist: &Dist<'_>, name: &str, home: &Path, repository: &Path) -> Result<()> {
    let [jar, pom] = files(dist, name).map(|file| dist.package(&file));
    tool::maven(dist.workspace, home)
        .arg(INSTALL)
        .arg(format!("-Dfile={jar}"))
        .arg(format!("-DpomFile={pom}"))
        .arg(format!("-DlocalRepositoryPath={}", repository.display()))
        .run()
}

/// The smallest project that depends on the jar; its plugins' versions are the package's.
fn project(dist: &Dist<'_>, repository: &str) -> Result<String> {
    let package = fs::read_to_string(dist.workspace.path(PACKAGE).join("pom.xml"))?;
    let of = |start: &str| {
        let version = package.split_once(start).and_then(|(_, rest)| rest.split_once('<'));
        version.map_or(String::new(), |(version, _)| version.to_owned())
    };
    let kotlin = of("<kotlin.version>");
    let exec = of("<artifactId>exec-maven-plugin</artifactId>\n        <version>");
    Ok(format!(
        r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>proof</groupId>
  <artifactId>proof</artifactId>
  <version>0</version>
  <properties><kotlin.compiler.daemon>false</kotlin.compiler.daemon></properties>
  <repositories><repository><id>proof</id><url>file://{repository}</url></repository></repositories>
  <dependencies>
    <dependency>
      <groupId>io.github.stytch-m2m</groupId>
      <artifactId>stytch-m2m</artifactId>
      <version>{version}</version>
    </dependency>
    <dependency>
      <groupId>io.github.stytch-m2m</groupId>
      <artifactId>stytch-m2m-emulator</artifactId>
      <version>{version}</version>
    </dependency>
  </dependencies>
  <build>
    <sourceDirectory>.</sourceDirectory>
    <plugins>
      <plugin>
        <groupId>org.jetbrains.kotlin</groupId>
        <artifactId>kotlin-maven-plugin</artifactId>
        <version>{kotlin}</version>
        <executions>
          <execution><id>compile</id><goals><goal>compile</goal></goals></execution>
        </executions>
      </plugin>
      <plugin>
        <groupId>org.codehaus.mojo</groupId>
        <artifactId>exec-maven-plugin</artifactId>
        <version>{exec}</version>
      </plugin>
    </plugins>
  </build>
</project>
"#,
        version = dist.version
    ))
}
