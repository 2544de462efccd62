/// Keys made with the openssl command for these tests; nothing uses them elsewhere.
enum Fixtures {
    /// A key of 2048 bits as SPKI.
    static let spki = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlUJ3drUjEjjQsSM9DUnP
        bpM46Z38NvWov+nypBHQpZ0FsSFX7GBmqUfWXZW7zcpEUr+lKKkaG/8NTV4G/mbk
        9llAVnqyJvUTLKYU8K/qa/vpOzg1MuSFoR80A++lld3KC0Ev5/WC/qHU3I39fy+b
        7lMyxOqjVxtRo5fyIPaLFA7UNeU0MZ5w4eyii72Do91xbsGA+BmHxLbCeb6XGQdn
        dMpYakhtnvDESLHevpUFuMkImARBAiKkNaUbumwNA2DwNHN5RcgTjZP1/OYy44YH
        OvNv7Mb7814Pf5DWuuO8joLK+ucPxmWddmUKIJuXKQn1XTITuVnEPWGT3Ni7DkGz
        3wIDAQAB
        -----END PUBLIC KEY-----
        """

    /// The same key as PKCS#1.
    static let pkcs1 = """
        -----BEGIN RSA PUBLIC KEY-----
        MIIBCgKCAQEAlUJ3drUjEjjQsSM9DUnPbpM46Z38NvWov+nypBHQpZ0FsSFX7GBm
        qUfWXZW7zcpEUr+lKKkaG/8NTV4G/mbk9llAVnqyJvUTLKYU8K/qa/vpOzg1MuSF
        oR80A++lld3KC0Ev5/WC/qHU3I39fy+b7lMyxOqjVxtRo5fyIPaLFA7UNeU0MZ5w
        4eyii72Do91xbsGA+BmHxLbCeb6XGQdndMpYakhtnvDESLHevpUFuMkImARBAiKk
        NaUbumwNA2DwNHN5RcgTjZP1/OYy44YHOvNv7Mb7814Pf5DWuuO8joLK+ucPxmWd
        dmUKIJuXKQn1XTITuVnEPWGT3Ni7DkGz3wIDAQAB
        -----END RSA PUBLIC KEY-----
        """

    static let rsa1024 = """
        -----BEGIN PUBLIC KEY-----
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQClYGAZx60wWESXcK4EJstM2ra9
        wRdasTuGMdSMjJnLjyXCkJCem2zVphB7Xu7lXdDUp8t45W21xzCniIwTYmTzYJVc
        avxSjscvXe76PjAvuikcsZo7294app4u23pQY2eYLicrhp6JkmMVGx6Y4ewsSdxW
        71IdI5ki4OOqL2ZFTQIDAQAB
        -----END PUBLIC KEY-----
        """

    static let rsa2047 = """
        -----BEGIN PUBLIC KEY-----
        MIIBITANBgkqhkiG9w0BAQEFAAOCAQ4AMIIBCQKCAQBkhysFBWcq3Ve4/xpoNwU1
        ZMRfcV6DXFfNCMAC90yciYzG5qcKV5hJvu5tDoz3rPMsJIgpvvUPRF7l5PcShAK4
        gF+hO9LsQy4jmzQTuX2aFcK9PScdgChrCbDIzOUBSaDlfFuE4AoMcxlVCPtNARPO
        7otdxiGfO2kVTejBiqD2MjmNAfWi5n1YSSc2sDx7PRmhBREddxs7HetPyzsK5ngK
        ORhpHAZOV/cj7FjIjKT/DKMqgOAKyD5HA6fcVEEbCYXgu2V/IIyDVGBNL7gI707Z
        zJ3RBbdpluU7E8Du7AevRSdHhOXrDMflblDFhBa7xeBjnQtnxGTicyE886LyfnWR
        AgMBAAE=
        -----END PUBLIC KEY-----
        """

    static let ellipticCurve = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAECS5prRvFkaXAnOazDdxlggQqXFcd
        6Ijc6IjZCQ0y6xkvUGSvM7qFQtK+MJfqYsb/zVvyl07UQx6vsjMmUmWxJw==
        -----END PUBLIC KEY-----
        """

    /// Only for PSS signatures, by its own identifier.
    static let rsaPSS = """
        -----BEGIN PUBLIC KEY-----
        MIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBAKAdmmNB692wRmM1OSQVXN77
        4r6nQzvovxZ14+OcpCP6ffWQiBLY6YPJErzJcE0ZV9rqBehW84pF4vzpYTXIzwOT
        +TbbMP5fvrhaY/ox/c0z7J0K6BzihBnMbduz0L/YCw82NujNMbYkU52/JCaDY0kZ
        REzO6qKNXfyFYUyI0/auuKde1BzPLhjXci7HysoNHa33IKVHJlNFdeAszVna6fu0
        dn9d2WWazxAfvIp9gjZE1TNT3gGTvY0s8PMfWjENU+X3iqPf7gzkfEfi+4GnDh8b
        04LVEnvoLDALDHDWHRCPe6KZF5SuTtIbowDrur6triKBBlzQdOCLn6RFYHTOB18C
        AwEAAQ==
        -----END PUBLIC KEY-----
        """

    /// A private key under a passphrase.
    static let encryptedPrivateKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIIFLTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIRcMYstzIXmICAggA
        MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBCbvZGEPhrLZQUyVt+vaQq0BIIE
        0NQKXneBxvApTiaVBpyMhJT5/v0qgL8QE2bLJ2/U5Drz48FSDGPoW8R7bQypyqpf
        J3rL47xMHJOtUEc80x0sPtUT03qLLW1vutxOV2vc009zrMoluknYXNjcoEkwKvU2
        YQhlfOdtJ1QJBbbPDCEfG+rwN81YGB8DsNYctPrltHFTXry9yyG5q/PSWG6PQShO
        cjhitBKds3SVuhlnhqdJ0rMHyGszSvaoIMDIi82giz2LHZIOzyaKyZIdBaXZ8mgV
        g2wfBctPPDwGZ3KUq38R+pM7hXQhRqdB6ji/7c4W6cWrc/bs7e6UktY1f4aaxbPW
        GHoz6HLz+sEGucvRLBWYd5S1pptpJTKszMs4aL1s7iFhx5sbyMXhf9ZOp1NryWSf
        V0ZmBxwz2ldcCOqTjydsCPqLprQZJJxeC2UnUKY++Vtenf34ub0Tzfb6huT9CZSj
        jr+tZY7dNV5GbeB5hs1loCzMZca4yeu2U/BtXHQ1Qyj9JwaqM/FrYvwSHDTSjObH
        C8a619xW/NYTTA9dbZ6ZMo/kzH+n3iEisJbEp0Fdvi/eQptE7UQ7d0ABvxKIeNZw
        9ILbGMObMUfE5sitNyLVZDSi7mL86LTCc4mWIb3V1NRZTOri9C6icJprGKBTlZwf
        iXXvNnP25fIPYaWkA+TBmQuyovcJTR4On6Btfz+qDZnern7m1k2FnjqTlKxWSCDk
        5dvNAPpuQe+sypM+iNHA2++y4dfvX3EFt5/GeWFXbvgle4wBrRh8T3RrTDWtHuj2
        ai/y8J8itP1KgOswVwJ4ca7cIJXlSSyRJ5pmit84z1YDTQdb0Yi+GWJVZrARi6pT
        lG0eSZjM7PP2CxkYBbGW0Uo4DtSYOkaqV22E2TOFt2OyHdASO7gn6BsYAKU36WIw
        VmYmxpDqXCDArygAugNQqLhLIO6uoMdoihuinBcvXaqLGZ3kHtpbHlrRGkRL8Vmc
        1W1n8x8BZAS+h2SulxxBgoGbUIUXkaPzzB+UpWoC/FKpR0nhuY6GtReJSw/zc+2z
        vpGxsX9PsC0KnU/dBctGuTQYWn8Kbrx1ngrPZv9nWLHIr/an2ihxx+PWH2/zDLuR
        psI73ZVuDRyfQmxvT/XBEnBJi4jXcpezQpfpm7ZSEDEp3d+ShINvK2AA54cQ7Gv6
        Pl3mR4h4zhhRWnFAwVkHuI+sfh/A/uWyFw1dWbWODdcKlyjMPxXo/rxQqMudi7ow
        1mykcH1yQFgJx1GLouzeaG725ipcwOuqPcyeYHNAgkxsQUOtgidDJLLE/YC7hLEk
        XH2o8eDykWmM1XZFR/J9C5IBo63CLvB8gNDuLaOm7OYpTZgB7+Hxs+U/tMJH7EEu
        SeAlaxRUN119T143rgnW/56ZR1MNcgzvt/Dm0SW60O8Q1u5ZFbrzItzrktXt8sgY
        EstZX1l3E4dY6pqJ5HBUP/RW62X71gKbW13XypwLW0Bmepelxga8+V2U3932EciG
        jIYK8irtW5GsA+NGFnx7/VAfaRmmejWVDz4ZywHuIZWJ65H/Rn5xp+9PMZsqcwQs
        NdOe6M7+/ilmYBNnknk/bieDxZctpYj2Riuxcm1oUhdDs2h7rIfYokm/KpqJlWQT
        g2kB5JB6qwDheXxvGA3lSx/IxZpIvvG1azPJBp/PpHRc
        -----END ENCRYPTED PRIVATE KEY-----
        """
}
