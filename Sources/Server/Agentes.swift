internal import ArgumentParser
internal import AsyncHTTPClient
internal import Hummingbird
internal import Subprocess
@main struct Agentes { static func main() {} }
