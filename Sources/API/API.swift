package import Agents
package import Auth
internal import Hummingbird
package import Primitives
package import Tenancy

