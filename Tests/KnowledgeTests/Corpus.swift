/// A small Brazilian shop's knowledge, and what its customers ask.
enum Corpus {
    /// Name and Markdown of each document.
    static let documents: [(name: String, text: String)] = [
        (
            "Planos e preços.md",
            """
            # Planos

            ## Plano Básico
            O Plano Básico custa R$ 49,90 por mês e inclui um agente, 500 conversas mensais e uma base de conhecimento
            de até 100 documentos. Não há fidelidade.

            ## Plano Profissional
            O Plano Profissional custa R$ 199,00 por mês: cinco agentes, 5.000 conversas mensais, webhooks e integração
            com o CRM. O suporte responde em até quatro horas úteis.

            ## Plano Empresarial
            Sob consulta. Inclui agentes ilimitados, acordo de nível de serviço, login único (SSO) e um gerente de contas
            dedicado. Fale com o time comercial.

            ## Descontos
            Na contratação anual o desconto é de 20 %. Organizações sem fins lucrativos e escolas públicas têm 40 % de
            abatimento em qualquer plano, mediante comprovação.

            ## Promoções
            As promoções não são cumulativas. A promoção de lançamento vale para as cem primeiras assinaturas e dá três
            meses grátis.

            ## Teste gratuito
            Todo plano pode ser experimentado por 14 dias sem cartão de crédito. Ao fim do período a conta fica somente
            para leitura até que uma forma de pagamento seja cadastrada.
            """
        ),
        (
            "Pagamentos.md",
            """
            # Formas de pagamento

            ## Cartões
            Aceitamos cartões Visa, Mastercard, Elo e American Express. Compras acima de R$ 100,00 podem ser parceladas em
            até 10 vezes sem juros.

            ## Pix
            O pagamento por Pix é confirmado na hora e tem 5 % de desconto. O código QR expira em 30 minutos.

            ## Boleto
            O boleto vence em três dias úteis e a compensação leva até dois dias. Boletos vencidos não podem ser pagos;
            gere a segunda via no painel.

            # Nota fiscal
            A nota fiscal eletrônica é enviada por e-mail em até 24 horas depois da confirmação do pagamento. Para emitir
            em nome de empresa, informe o CNPJ e a inscrição estadual no cadastro.

            # Cobranças recusadas
            Quando o banco recusa a cobrança tentamos de novo depois de um, três e sete dias. Após a terceira tentativa a
            assinatura é suspensa.
            """
        ),
        (
            "Entrega.md",
            """
            # Prazos
            Enviamos em um dia útil. O prazo de entrega é de 2 a 5 dias úteis para capitais do Sul e do Sudeste e de 6 a 12
            dias úteis para as demais regiões.

            # Frete
            O frete é grátis em pedidos acima de R$ 250,00. Abaixo disso o valor é calculado pelo CEP no carrinho. Para a
            região Norte há um acréscimo de R$ 15,00.

            # Rastreamento
            O código de rastreio chega por e-mail e por WhatsApp assim que a transportadora coleta o pacote. Acompanhe em
            "Meus pedidos".

            # Pacote extraviado
            Se o pacote não chegar em até 10 dias depois do prazo, abra um chamado: reenviamos o produto ou devolvemos o
            dinheiro, à sua escolha.

            # Retirada na loja
            Retire sem custo na Avenida Paulista, 1000, de segunda a sexta, das 9h às 18h. Leve um documento com foto.
            """
        ),
        (
            "Trocas e devoluções.md",
            """
            # Direito de arrependimento
            Você pode desistir da compra em até 7 dias corridos depois do recebimento, sem justificar. A primeira devolução
            é por nossa conta.

            # Trocas
            Trocas de tamanho ou cor podem ser pedidas em até 30 dias. O produto precisa estar sem uso, com etiqueta e na
            embalagem original.

            # Produtos com defeito
            A garantia legal é de 90 dias. Envie fotos do defeito pelo chat; o conserto ou a substituição leva até 30 dias.

            # Reembolso
            O dinheiro volta pelo mesmo meio de pagamento: no Pix em até dois dias úteis, no cartão em até duas faturas.
            """
        ),
        (
            "Conta e segurança.md",
            """
            # Senha
            Para redefinir a senha, clique em "Esqueci minha senha" na tela de entrada. O link vale por uma hora.

            # Cancelamento
            Cancele a assinatura em Configurações > Assinatura. O acesso continua até o fim do período já pago e não há
            multa.

            # Verificação em duas etapas
            Ative a verificação em duas etapas com um aplicativo autenticador. Guarde os códigos de recuperação em lugar
            seguro.

            # Usuários e permissões
            Administradores convidam pessoas por e-mail e definem permissões. Membros só conversam com os agentes; não
            podem editar as bases.

            # Privacidade
            Seguimos a LGPD. O titular pode pedir a exportação ou a exclusão dos seus dados pessoais pelo endereço
            privacidade@exemplo.com.br; respondemos em até 15 dias.

            # Exclusão da conta
            A exclusão é definitiva e apaga agentes, conversas e documentos depois de 30 dias. Antes disso ela pode ser
            desfeita.
            """
        ),
        (
            "Suporte.md",
            """
            # Horários
            O atendimento humano funciona de segunda a sexta, das 8h às 20h, e aos sábados até as 14h. Fora desses horários
            o agente virtual responde.

            # Canais
            Fale conosco pelo chat do site, pelo WhatsApp (11) 4002-8922 ou pelo e-mail ajuda@exemplo.com.br.

            # Situação dos serviços
            Incidentes e manutenções programadas são publicados em status.exemplo.com.br.
            """
        ),
        (
            "Developers.md",
            """
            # API keys
            Create an API key under Settings. Keep secret keys on your servers; publishable keys may be used in browsers
            and are locked to your origins.

            # Webhooks
            Webhook deliveries are signed. Verify the signature before you trust a payload. Failed deliveries are retried
            with exponential backoff for about three days.

            # Rate limits
            Each organisation may send 600 requests a minute. When the limit is exceeded the API answers 429 and says in
            Retry-After how long to wait.
            """
        ),
        (
            "Sobre a loja.txt",
            """
            A Loja Exemplo nasceu em 2012, em Belo Horizonte, como uma pequena confecção de camisetas de algodão orgânico.
            Hoje tem 80 funcionários e duas lojas físicas. Plantamos uma árvore a cada dez pedidos.

            As camisetas devem ser lavadas à mão ou na máquina em ciclo delicado, com água fria, e secas à sombra. Não use
            alvejante. O algodão pode encolher até 3 % na primeira lavagem.
            """
        ),
    ]

    /// What is asked and a phrase of the passage that answers it; spelled as people type.
    static let questions: [(query: String, answer: String)] = [
        ("quanto custa o plano basico?", "R$ 49,90"),
        ("preço do profissional", "R$ 199,00"),
        ("tem desconto pra ONG?", "sem fins lucrativos"),
        ("promocao", "As promoções não são"),
        ("as promoções acumulam?", "As promoções não são"),
        ("da pra testar de graça sem cartao", "14 dias sem cartão"),
        ("quais cartoes voces aceitam", "Aceitamos cartões"),
        ("posso parcelar em 10x no cartão?", "10 vezes sem juros"),
        ("pagar com pix tem desconto?", "confirmado na hora"),
        ("segunda via do boleto", "gere a segunda via"),
        ("meu boleto venceu", "Boletos vencidos"),
        ("nota fiscal com cnpj", "informe o CNPJ"),
        ("minha cobrança foi recusada pelo banco", "o banco recusa"),
        ("qual o prazo de entrega para o sudeste", "2 a 5 dias"),
        ("em quantos dias uteis chega?", "dias úteis"),
        ("frete gratis a partir de quanto", "O frete é grátis"),
        ("valor do frete pra região norte", "acréscimo de R$ 15,00"),
        ("codigo de rastreamento do pedido", "código de rastreio"),
        ("meu pacote nao chegou", "não chegar em até 10 dias"),
        ("posso retirar na loja?", "Avenida Paulista"),
        ("quero desistir da compra", "7 dias corridos"),
        ("devolucoes", "A primeira devolução"),
        ("trocar o tamanho da camiseta", "Trocas de tamanho"),
        ("produto veio com defeito garantia", "garantia legal"),
        ("quando recebo o reembolso no cartão de crédito", "duas faturas"),
        ("esqueci a senha", "redefinir a senha"),
        ("como cancelar minha assinatura", "Cancele a assinatura"),
        ("tem multa de cancelamento?", "não há"),
        ("autenticação em dois fatores codigos", "códigos de recuperação"),
        ("convidar usuario e dar permissao", "definem permissões"),
        ("LGPD excluir meus dados pessoais", "exclusão dos seus dados"),
        ("apagar minha conta definitivamente", "A exclusão é definitiva"),
        ("horario de atendimento no sabado", "aos sábados"),
        ("telefone whatsapp de vocês", "4002-8922"),
        ("sistema fora do ar manutencao", "manutenções programadas"),
        ("how do I verify webhook signatures", "Verify the signature"),
        ("rate limit exceeded 429", "429"),
        ("where do I create an api key", "Create an API key"),
        ("como lavar a camiseta", "lavadas à mão"),
        ("quando a loja foi fundada em belo horizonte", "nasceu em 2012"),
    ]
}
