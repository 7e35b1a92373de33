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
}
