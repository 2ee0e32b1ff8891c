"""What is asked about a clause, by its type in CUAD."""

CLAUSE_QUESTIONS = {
    "Anti-Assignment": (
        "Does this clause require consent or notice before a party may assign the contract or its "
        "rights under it to somebody else?"
    ),
    "Audit Rights": (
        "Does this clause give a party the right to audit the other's books, records or premises, "
        "to see whether the contract is kept?"
    ),
    "Cap On Liability": (
        "Does this clause limit what a party is liable for, by a maximum amount, by kinds of "
        "damage that are left out, or by a time within which claims must be made?"
    ),
    "Change Of Control": (
        "Does this clause let a party end the contract, or require consent or notice, when control "
        "of the other party changes, for example by a merger or a sale of its shares or business?"
    ),
    "Exclusivity": (
        "Does this clause bind a party to deal with the other alone, for example to buy only from "
        "it, or not to sell to, license to or work with anybody else?"
    ),
    "Governing Law": "Does this clause say the law of which state or country governs the contract?",
    "Insurance": "Does this clause require a party to carry insurance?",
    "Ip Ownership Assignment": (
        "Does this clause make intellectual property created by one party the property of the "
        "other, when it is created or upon some event?"
    ),
    "License Grant": "Does this clause grant a license from one party to the other?",
    "Most Favored Nation": (
        "Does this clause entitle a party to terms at least as good as those that are offered to "
        "anybody else?"
    ),
    "Non-Compete": (
        "Does this clause keep a party from competing with the other, or from doing business in "
        "some region, trade or technology?"
    ),
    "Renewal Term": (
        "Does this clause say by which term the contract is renewed or extended once its first "
        "term ends?"
    ),
    "Revenue-Profit Sharing": (
        "Does this clause require a party to share revenue or profit with the other?"
    ),
    "Termination For Convenience": (
        "Does this clause let a party end the contract without a reason, by giving notice and "
        "letting a time pass?"
    ),
    "Warranty Duration": (
        "Does this clause say how long a warranty against defects or errors lasts?"
    ),
}
