// The package as an AAR: the sources of the Maven module over libraries for Android. `./build.sh` makes
// the libraries and the generated code, and calls Gradle.
plugins {
    id("com.android.library") version "9.0.0"
}

group = "io.github.stytch-m2m"
version = "0.1.0"

android {
    namespace = "io.github.stytchm2m"
    compileSdk = 36

    defaultConfig {
        minSdk = 26 // java.time
        consumerProguardFiles("../src/main/resources/META-INF/proguard/stytch-m2m.pro")
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }

    sourceSets["main"].apply {
        kotlin.srcDirs("../src/main/kotlin", "build/generated/uniffi")
        jniLibs.srcDirs("build/native")
    }
}

dependencies {
    // From 5.17 on JNA's own libraries are aligned to 16 KB.
    api("net.java.dev.jna:jna:5.19.1@aar")
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.11.0")
    compileOnly("com.squareup.okhttp3:okhttp:5.5.1")
    compileOnly("io.ktor:ktor-client-core:3.6.1")
    compileOnly("org.jetbrains.kotlinx:kotlinx-serialization-json:1.12.0")
}
