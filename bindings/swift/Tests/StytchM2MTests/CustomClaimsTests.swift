import Foundation
import Testing

@testable import StytchM2M

@Suite struct CustomClaimsTests {
    @Test func customClaimsAreNative() throws {
        struct Billing: Decodable, Equatable {
            let plan: String
            let seats: Int
        }
        let claims = CustomClaims(
            json: #"{"plan":"pro","seats":3,"beta":true,"rate":1.5,"x":null}"#)
        #expect(try claims.decode(Billing.self) == Billing(plan: "pro", seats: 3))
        #expect(claims["plan"]?.stringValue == "pro")
        #expect(claims["seats"]?.integerValue == 3)
        #expect(claims["seats"]?.doubleValue == 3)
        #expect(claims["beta"]?.boolValue == true)
        #expect(claims["rate"]?.doubleValue == 1.5)
        #expect(claims["x"] == .null)
        #expect(claims["y"] == nil)
        #expect(throws: DecodingError.self) { try claims.decode([Int].self) }
    }

    @Test func numbersKeepEveryDigit() throws {
        let digits = "123456789012345678901234567890123456789012345678901234567890"
        let claims = CustomClaims(
            json: """
                {"id":18446744073709551616,"min":-9223372036854775808,"long":\(digits),
                 "rate":0.12345678901234567890,"half":1.50,"list":[9223372036854775808]}
                """)
        #expect(claims["id"] == .exact("18446744073709551616"))
        #expect(claims["id"]?.decimalValue?.description == "18446744073709551616")
        #expect(claims["id"]?.doubleValue == 18_446_744_073_709_551_616)
        #expect(claims["id"]?.integerValue == nil)
        #expect(claims["min"] == .integer(.min))
        #expect(claims["min"]?.decimalValue == Decimal(Int64.min))
        #expect(claims["long"]?.numberText == digits)
        #expect(claims["long"]?.decimalValue == nil)
        #expect(claims["rate"]?.numberText == "0.12345678901234567890")
        #expect(claims["half"] == .number(1.5))
        #expect(claims["list"] == [.exact("9223372036854775808")])
        #expect(claims.json.contains(digits))
    }

    /// A decoder of one's own gives what a `Decimal` holds.
    @Test func decodersAndEncodersKeepDigits() throws {
        let text = #"{"id":18446744073709551616,"ok":1.5,"rate":0.12345678901234567891}"#
        let values = try JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
        #expect(values["id"] == .exact("18446744073709551616"))
        #expect(values["ok"] == .number(1.5))
        #expect(values["rate"] == .exact("0.12345678901234567891"))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(values), as: UTF8.self) == text)
        let tooLong = JSONValue.exact(String(repeating: "9", count: 39))
        #expect(throws: EncodingError.self) { try encoder.encode([tooLong]) }
    }
}
